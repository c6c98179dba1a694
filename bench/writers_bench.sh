#!/usr/bin/env bash
# What the triggers and the wake-up cost those who write: pgbench with INSERTs and UPDATEs of one row, on a private
# PostgreSQL with fsync, against the same table without triggers, against a shop that writes a log row by hand, and
# against the usual `pg_notify(row)` trigger. Prints a Markdown table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
Usage: bench/writers_bench.sh [--seconds N] [--rounds N] [--clients 'N ...'] [--quick]

  --seconds N        of each pgbench run [2]
  --rounds N         runs of each kind, of which the median counts [3]
  --clients 'N ...'  sessions that write at once [1 4 16 64]
  --quick            as --seconds 1 --rounds 1

Each round runs the variants one after the other, so that what else the machine does hits all alike:

  no trigger         the statement alone
  by hand            the statement and, in the same transaction and the same round trip, an INSERT of as many bytes
                     into a table like the log, with texts that are ready: the least that a second row costs
  triggers           a watched table, and no server that reads its log
  armed notify poll  a watched table, and a server on the same processors with that --wake
  pg_notify(row)     a trigger that notifies with the row, and one session that listens
END
}

seconds=2 rounds=3 clients='1 4 16 64'
while (($# > 0)); do
  case $1 in
    --seconds) seconds=${2:-} && shift ;;
    --rounds) rounds=${2:-} && shift ;;
    --clients) clients=${2:-} && shift ;;
    --quick) seconds=1 rounds=1 ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift || break
done
[[ "$seconds $rounds $clients" =~ ^[1-9][0-9]*(' '+[1-9][0-9]*){2,}$ ]] || {
  echo 'writers_bench.sh: --seconds, --rounds and --clients take whole numbers above 0' >&2 && exit 2
}

ordercast=${ORDERCAST_BINARY:-build/release/ordercast}
variants='none by_hand triggers armed notify poll pg_notify'
rows=100000

# shellcheck source=bench/private_cluster.sh
source bench/private_cluster.sh
start_cluster max_connections=200 max_wal_size=4GB

# database NAME: a shop of its own, so that a variant's node does not see what the others write.
database() {
  "$bin/createdb" "$1"
  orders_table orders "$rows" | sql "$1"
  sql "$1" -c 'CREATE INDEX ON public.orders (merchant_id, created_at)' -c 'VACUUM ANALYZE public.orders'
}

# watch NAME
watch() {
  "$ordercast" migrate --database "host=$dir user=postgres dbname=$1" >/dev/null
  "$ordercast" watch --database "host=$dir user=postgres dbname=$1" public.orders >/dev/null
}

# serve NAME MODE: a node that streams the database, and has connected when this returns.
serve() {
  local conninfo="host=$dir user=postgres dbname=$1"
  watch "$1"
  "$ordercast" serve --database "$conninfo" --listen 127.0.0.1:0 --wake "$2" >"$dir/$1.out" 2>"$dir/$1.err" &
  pids+=($!)
  until grep -qs '^listening on' "$dir/$1.out"; do
    kill -0 $! || { cat "$dir/$1.err" >&2 && exit 1; }
    sleep 0.1
  done
}

# The log as a shop would make it for itself: no partitions, hence no way to empty it at once.
log_by_hand() {
  sql "$1" <<'END'
CREATE TABLE public.log (
  seq bigint GENERATED ALWAYS AS IDENTITY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), stream text NOT NULL,
  op "char" NOT NULL, key text, old_row text, new_row text, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX ON public.log (tx);
CREATE INDEX ON public.log (seq);
END
}

# The usual way: the row as the payload, and one session that listens.
notify_rows() {
  sql "$1" <<'END'
CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM pg_notify('orders', row_to_json(NEW)::text); RETURN NULL; END$$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.tell();
END
  printf '%s\n' 'LISTEN orders;' 'SELECT 1 \watch 0.05' | "$bin/psql" -qX "$1" >/dev/null 2>&1 &
  pids+=($!)
}

for variant in $variants; do database "$variant"; done
log_by_hand by_hand
watch triggers
for mode in armed notify poll; do serve "$mode" "$mode"; done
notify_rows pg_notify

insert_order orders >"$dir/INSERT.sql"
{ echo "\\set id random(1, $rows)" && update_order orders id; } >"$dir/UPDATE.sql"

# As long as what the log keeps of such a row. (To pgbench :7 and :00 would be variables.)
row='{"id":"50000","merchant_id":"7","order_number":"NB-0.123456789","customer_name":"Noah Fischer","status":"created",'
row+='"currency":"EUR","total":"12.50","items":[{"qty": 2, "sku": "NB-BELL", "price": 18.75}],"note":"",'
row+='"created_at":"2026-01-01T12-00-00.123456+00-00","updated_at":"2026-01-01T12-00-00.123456+00-00"}'
# Statements of a pipeline are one transaction.
{
  printf '%s\n' '\startpipeline' && cat "$dir/INSERT.sql"
  echo "INSERT INTO public.log (stream, op, key, new_row) VALUES ('orders', 'i', '{\"id\":\"50000\"}', '$row');"
  printf '%s\n' '\endpipeline'
} >"$dir/INSERT.by_hand.sql"
{
  head -1 "$dir/UPDATE.sql" && printf '%s\n' '\startpipeline' && tail -n +2 "$dir/UPDATE.sql"
  echo "INSERT INTO public.log (stream, op, key, old_row, new_row)" \
    "VALUES ('orders', 'u', '{\"id\":\"50000\"}', '$row', '$row');"
  printf '%s\n' '\endpipeline'
} >"$dir/UPDATE.by_hand.sql"

# tps KIND CLIENTS VARIANT: of one run.
tps() {
  local script=$dir/$1.sql
  if [[ $3 == by_hand ]]; then script=$dir/$1.by_hand.sql; fi
  "$bin/pgbench" -n -M prepared -c "$2" -j 2 -T "$seconds" -f "$script" "$3" 2>"$dir/pgbench.err" |
    sed -n 's/^tps = \([0-9]*\).*/\1/p' || { cat "$dir/pgbench.err" >&2 && exit 1; }
}

# shellcheck disable=SC2016  # the backticks are Markdown's
printf '| transactions/s | clients | no trigger | by hand | triggers | armed | notify | poll | `pg_notify(row)` |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
for kind in INSERT UPDATE; do
  for count in $clients; do
    declare -A runs=()
    for ((round = 0; round < rounds; ++round)); do
      for variant in $variants; do runs[$variant]+="$(tps "$kind" "$count" "$variant")"$'\n'; done
    done
    base=$(printf '%s' "${runs[none]}" | median)
    printf '| %s | %s | %s |' "$kind" "$count" "$base"
    for variant in ${variants#none }; do
      value=$(printf '%s' "${runs[$variant]}" | median)
      printf ' %s (%d %%) |' "$value" $((100 * value / base))
    done
    printf '\n'
    unset runs
  done
done
printf '\nMedians of %d runs of %d s; PostgreSQL %s with fsync; %d cores.\n' "$rounds" "$seconds" \
  "$(sql none -c 'SHOW server_version')" "$(nproc)"
