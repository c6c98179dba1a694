#!/usr/bin/env bash
# Where the time of one INSERT to one idle subscriber goes: whose turn it was on the server's core, one process after the other,
# as the kernel's scheduler saw it while `./dev bench latency --only "1, idle"` ran. Needs root and perf (Debian: linux-perf),
# and what that command has built. Prints a Markdown table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

data=$(mktemp)
trap 'rm -f "$data"' EXIT
perf record --quiet --output "$data" --event sched:sched_switch --cpu 0 -- \
  build/release/bench/latency_bench --only '1, idle' --rounds 1 --seconds "${1:-10}" >&2

# A chain begins when the core had nothing to do for 3 ms and ends with the fan-out's turn. Only the undisturbed ones count: the
# writer's session, the listening one, the listener, its read, the listener, the fan-out.
perf script --input "$data" --fields comm,cpu,time,event,trace 2>/dev/null |
  sed -En 's/.* ([0-9]+\.[0-9]+): .*==> next_comm=([^ ]+).*/\1 \2/p' |
  awk '
    function median(k,   i, j, t, n) {
      n = count
      for (i = 1; i <= n; i++) sorted[i] = took[k, i]
      for (i = 2; i <= n; i++) for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
        t = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = t
      }
      return sorted[int((n + 1) / 2)]
    }
    function turn_ends(now,   k) {
      us = (now - since) * 1e6
      if (who ~ /^swapper/) {
        if (us > 3000) turns = ""
        else turns = turns " idle"
        length_of = 0
        return
      }
      turns = turns " " who
      us_of[++length_of] = us
      if (who != "fan-out" || turns == " fan-out") return
      chains++
      if (turns != " postgres postgres listener postgres listener fan-out") return
      count++
      for (k = 1; k <= 6; k++) took[k, count] = us_of[k]
    }
    { if (NR > 1) turn_ends($1); since = $1; who = $2 }
    END {
      if (count == 0) { print "no undisturbed chain among " chains > "/dev/stderr"; exit 1 }
      split("the writer'\''s session: INSERT, trigger, commit, signal|the listening session: the notification|" \
            "listener: sends its statement|the listening session: the statement|listener: the changes, to the hub|" \
            "fan-out: encodes, sends; the kernel carries it to the receiver", name, "|")
      print "| turn on the core | median us |\n|---|---:|"
      for (k = 1; k <= 6; k++) { m = median(k); sum += m; printf "| %s | %d |\n", name[k], m }
      printf "| sum | %d |\n\n%d undisturbed chains of %d.\n", sum, count, chains
    }'
