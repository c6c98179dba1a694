#!/usr/bin/env bash
# container_test.sh BUILD: the image, run as docs/deployment.md says: read-only, without root and without any
# capability, it streams; its health check tells a node that hangs from one that serves or drains; SIGTERM ends it and
# its private PostgreSQL in good order; and a volume keeps the rows and the clients' place.
set -euo pipefail
# shellcheck source=tests/packages/containers.sh
source "${BASH_SOURCE[0]%/*}/containers.sh"
containers_start "$1"

run() { guest podman run --detach "${hardened[@]}" --publish 127.0.0.1:8080:8080 "$@" >/dev/null; }
ready() { guest_patiently guest curl --fail --silent --output /dev/null "$url/readyz"; }
# What the image's own check says: 0, or 1. Not all engines end one that hangs.
health() { guest timeout 60 podman healthcheck run "$1" >/dev/null && echo 0 || echo $?; }
field() { guest podman inspect --format "{{.$2}}" "$1"; }
is() { [[ $(field "$1" "$2") == "$3" ]]; }
# The program: the one child of tini, which is process 1.
program() { guest cat "/proc/$(field "$1" State.Pid)/task/$(field "$1" State.Pid)/children" | tr -d ' '; }
# stream FILE [CURL OPTIONS]: a client, into a file; it is one when it has been told hello.
stream() {
  guest curl --no-buffer --silent "${@:2}" "$url/v1/streams/orders" >"$out/$1" &
  guest_patiently grep --quiet '^event: hello' "$out/$1"
}
told() { guest_patiently grep --quiet --fixed-strings -- "$2" "$out/$1"; }
last_id() { sed -n 's/^id: //p' "$out/$1" | tail -1; }

# --- demo: a shop that trades
expect run --name demo ordercast demo
expect ready
expect stream demo
expect told demo 'event: insert'

# Nobody, who may do nothing, and writes nowhere but in /tmp; the same is true of its PostgreSQL.
pid=$(program demo)
for process in "$pid" $(guest cat "/proc/$pid/task/$pid/children"); do
  expect guest grep --quiet $'^Uid:\t10001\t10001\t10001\t10001$' "/proc/$process/status"
  expect guest grep --quiet $'^Gid:\t10001\t10001\t10001\t10001$' "/proc/$process/status"
  expect guest grep --quiet $'^CapBnd:\t0000000000000000$' "/proc/$process/status"
  expect guest grep --quiet $'^NoNewPrivs:\t1$' "/proc/$process/status"
done
expect guest podman exec demo sh -c '! touch /var/lib/ordercast/x && ! touch /usr/local/bin/x && touch /tmp/x'

# Healthy, by the engine's own clock too; not while it hangs; again afterwards.
expect guest_patiently is demo State.Health.Status healthy
guest kill -STOP "$pid"
expect [ "$(health demo)" = 1 ]
guest kill -CONT "$pid"
expect [ "$(health demo)" = 0 ]

expect guest podman stop --time 15 demo
expect is demo State.ExitCode 0

# --- serve, with its private PostgreSQL on a volume
node() { run --name "$1" --volume orders:/var/lib/ordercast --env ORDERCAST_OPEN=true --env ORDERCAST_DRAIN_MS=60000 ordercast; }
expect node first
expect ready
conninfo=$(guest podman logs first | sed -n 's/.*database: //p')
sql() { guest podman exec "$1" psql --quiet --no-psqlrc --dbname "$conninfo" --command "$2"; }
expect sql first "CREATE TABLE orders (id bigint PRIMARY KEY, item text)"
expect guest podman exec first ordercast watch orders --database "$conninfo"
expect stream first
expect stream other
expect sql first "INSERT INTO orders VALUES (1, 'Brass bell')"
expect told first '"item":"Brass bell"'

# While it drains (of two streams one ends at once, the other after half of the time) it is to get no new clients, and
# not to be killed: it is healthy. A second SIGTERM ends it.
guest podman kill --signal TERM first >/dev/null
draining() { [[ $(guest curl --silent "$url/readyz") == *'"draining"'* ]]; }
expect guest_patiently draining
expect [ "$(health first)" = 0 ]
guest podman kill --signal TERM first >/dev/null
expect [ "$(guest podman wait first)" = 0 ]
data=$(guest podman volume inspect --format '{{.Mountpoint}}' orders)/.local/share/ordercast/pgdata
expect grep --quiet 'state: *shut down$' <(guest /usr/lib/postgresql/15/bin/pg_controldata "$data")

# Another container on the same volume: the row is there, and who was away continues after what it has seen.
expect node second
expect ready
expect stream second --header "Last-Event-ID: $(last_id first)"
expect sql second "INSERT INTO orders VALUES (2, 'Front lamp')"
expect told second '"item":"Front lamp"'
expect fails grep --quiet -e 'Brass bell' -e 'event: reset' "$out/second"
expect [ "$(guest curl --silent "$url/v1/streams/orders?snapshot=true&until=now" | grep -c 'Brass bell')" = 1 ]
expect guest podman stop --time 15 second
echo passed
