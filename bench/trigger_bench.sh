#!/usr/bin/env bash
# What the triggers add to a statement: the same table with and without them, on a private PostgreSQL without fsync, one
# client. Counts the processor time of its session, which hardly depends on what else the machine does. Prints the
# Markdown table of docs/decisions/0001-change-log.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
Usage: bench/trigger_bench.sh [--rounds N] [--quick]

  --rounds N  runs of each statement, of which the median counts [5]
  --quick     as --rounds 1

Each round runs the plain table and the watched one in turn, so that what else the machine does hits both alike.
END
}

rounds=5
while (($# > 0)); do
  case $1 in
    --rounds) rounds=${2:-} && shift ;;
    --quick) rounds=1 ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift || break
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || { echo 'trigger_bench.sh: --rounds takes a whole number above 0' >&2 && exit 2; }

ordercast=${ORDERCAST_BINARY:-build/release/ordercast}
rows=10000

# shellcheck source=bench/private_cluster.sh
source bench/private_cluster.sh
start_cluster fsync=off shared_buffers=256MB max_wal_size=4GB autovacuum=off
conninfo="host=$dir user=postgres dbname=shop"
"$bin/createdb" shop
"$ordercast" migrate --database "$conninfo" >/dev/null

for kind in bare indexed; do
  for watched in plain watched; do
    table=${kind}_$watched
    orders_table "$table" "$rows" | sql shop
    if [[ $kind == indexed ]]; then
      sql shop -c "CREATE INDEX ON $table (merchant_id, created_at)" -c "CREATE INDEX ON $table (status)" \
        -c "CREATE UNIQUE INDEX ON $table (order_number)" -c "CREATE INDEX ON $table (updated_at)"
    fi
    if [[ $watched == watched ]]; then "$ordercast" watch --database "$conninfo" "public.$table" >/dev/null; fi
  done
done

# Scripts NAME.TABLE for pgbench. The pipeline takes the client and the commit out of the figure.
in_pipeline=50
for table in {bare,indexed}_{plain,watched}; do
  { echo "\\set id random(1, $rows)" && update_order "$table" id; } >"$dir/update.$table"
  insert_order "$table" >"$dir/insert.$table"
  {
    for ((i = 0; i < in_pipeline; ++i)); do echo "\\set id$i random(1, $rows)"; done
    printf '%s\n' '\startpipeline'
    for ((i = 0; i < in_pipeline; ++i)); do update_order "$table" "id$i"; done
    printf '%s\n' '\endpipeline'
  } >"$dir/pipelined_update.$table"
  {
    printf '%s\n' '\startpipeline'
    for ((i = 0; i < in_pipeline; ++i)); do insert_order "$table"; done
    printf '%s\n' '\endpipeline'
  } >"$dir/pipelined_insert.$table"
  # Not those that the inserts have added.
  printf '%s\n' 'BEGIN;' "UPDATE public.$table SET status = 'x' || random(), updated_at = now() WHERE id <= $rows;" \
    'ROLLBACK;' >"$dir/update_all.$table"
done

# Processor time of the sessions that have ended, in clock ticks (proc(5): cutime and cstime).
server=$(head -1 "$dir/data/postmaster.pid")
without_sessions=$(pgrep -c -P "$server")
ticks() {
  until (($(pgrep -c -P "$server") <= without_sessions)); do sleep 0.01; done
  sed 's/.*) //' "/proc/$server/stat" | awk '{ print $14 + $15 }'
}

# microseconds SCRIPT TABLE TRANSACTIONS: of processor time for one transaction, on average.
microseconds() {
  local before
  before=$(ticks)
  "$bin/pgbench" -n -M prepared -t "$3" -f "$dir/$1.$2" shop >"$dir/pgbench.out" 2>&1 || {
    cat "$dir/pgbench.out" >&2
    exit 1
  }
  echo $((($(ticks) - before) * 1000000 / $(getconf CLK_TCK) / $3))
}

# compare LABEL SCRIPT KIND TRANSACTIONS STATEMENTS
compare() {
  local without='' with='' round
  for ((round = 0; round < rounds; ++round)); do
    sql shop -c "VACUUM $3_plain" -c "VACUUM $3_watched" -c 'TRUNCATE ordercast.change_log'
    without+="$(microseconds "$2" "$3_plain" "$4")"$'\n'
    with+="$(microseconds "$2" "$3_watched" "$4")"$'\n'
  done
  awk -v label="$1" -v a="$(printf '%s' "$without" | median)" -v b="$(printf '%s' "$with" | median)" -v n="$5" \
    'BEGIN { printf "| %s | %.0f µs | %.0f µs | + %.0f µs | %.1f |\n", label, a / n, b / n, (b - a) / n, b / a }'
}

printf '| statement | without | watched | difference | ratio |\n|---|---|---|---|---|\n'
for kind in bare indexed; do
  compare "one-row UPDATE, execution only, $kind" pipelined_update "$kind" 100 $in_pipeline
  compare "one-row INSERT, execution only, $kind" pipelined_insert "$kind" 100 $in_pipeline
  compare "one-row UPDATE, whole transaction, $kind" update "$kind" 3000 1
  compare "one-row INSERT, whole transaction, $kind" insert "$kind" 3000 1
  compare "UPDATE of $rows rows, $kind" update_all "$kind" 6 1
done
