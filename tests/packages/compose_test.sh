#!/usr/bin/env bash
# compose_test.sh BUILD: compose.yaml brings a shop up, each service after what it depends on, and streams its trade on
# this machine alone; a database that goes and comes back costs no node, and the volume keeps the shop.
set -euo pipefail
# shellcheck source=tests/packages/containers.sh
source "${BASH_SOURCE[0]%/*}/containers.sh"
containers_start "$1"

# In the place of Docker Hub's image of PostgreSQL, which only a registry has: Debian's PostgreSQL, on ours; it takes
# the variables and the volume that compose.yaml gives it.
guest bash -euo pipefail -s <<'SH'
mkdir /root/postgres
cd /root/postgres
cat >entrypoint <<'ENTRYPOINT'
#!/bin/sh
set -e
cd /var/lib/postgresql/data
if [ ! -e PG_VERSION ]; then
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb --no-sync --locale=C.UTF-8 --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --pgdata=.
  echo 'host all all all scram-sha-256' >>pg_hba.conf
  echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -D . postgres
fi
exec postgres -D . -c listen_addresses='*'
ENTRYPOINT
chmod 755 entrypoint
cat >Containerfile <<'CONTAINERFILE'
FROM ordercast
USER root
ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin
COPY entrypoint /
RUN install -d -o postgres /var/lib/postgresql/data
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["/entrypoint"]
CMD []
CONTAINERFILE
podman build --quiet --format docker --isolation chroot --tag postgres:15-bookworm .
systemd-run --quiet podman system service --time=0 unix:///run/docker.sock
SH
guest_patiently guest test -S /run/docker.sock

compose() { guest docker-compose --project-name shop --file - "$@" <compose.yaml; }
container() { guest podman ps --all --quiet --filter "label=com.docker.compose.service=$1"; }
field() { guest podman inspect --format "{{.$2}}" "$(container "$1")"; }
is() { [[ $(field "$1" "$2") == "$3" ]]; }
ready() { guest curl --fail --silent --output /dev/null "$url/readyz"; }

# `up` returns when the nodes could be started: the database is healthy, and its schema there.
expect compose up --detach
expect is postgres State.Health.Status healthy
expect is migrate State.ExitCode 0
expect guest_patiently ready
expect guest_patiently is ordercast State.Health.Status healthy
for service in migrate shop ordercast; do
  expect is "$service" HostConfig.ReadonlyRootfs true
  expect is "$service" EffectiveCaps '[]'
  expect is "$service" Config.User 10001:10001
done
# The machine's address for other machines, here on the bridge.
address=$(guest ip -4 -brief address show scope global | awk 'NR == 1 { sub("/.*", "", $3); print $3 }')
expect [ -n "$address" ]
expect fails guest curl --silent --output /dev/null --max-time 2 "http://$address:8080/livez"

# One client, all along; from when the shop has its table watched, which may be after the node is ready.
expect guest_patiently guest curl --fail --silent --output /dev/null \
  "$url/v1/streams/orders?snapshot=true&until=now&limit=1"
guest curl --no-buffer --silent --show-error "$url/v1/streams/orders" >"$out/events" 2>&1 &
inserts() { grep --count '^event: insert' "$out/events"; }
more_inserts_than() { (($(inserts) > $1)); }
expect guest_patiently more_inserts_than 0

# Without its database a node serves nothing new, and keeps its clients: it must not be restarted for that.
expect compose stop postgres
not_ready() { [[ $(guest curl --silent --output /dev/null --write-out '%{http_code}' "$url/readyz") == 503 ]]; }
expect guest_patiently not_ready
expect guest podman healthcheck run "$(container ordercast)"
before=$(inserts)
expect compose start postgres
expect guest_patiently ready
expect guest_patiently more_inserts_than "$before"
expect fails grep --quiet '^event: reset' "$out/events"

# Down and up: the nodes end by themselves within the grace, and the volume has the shop. Of its orders one that it has
# just taken: old ones it deletes now and then.
id=$(sed -n '/^event: insert/,/^$/s/^data: .*"key":{"id":"\([0-9]*\)"}.*/\1/p' "$out/events" | tail -n 1)
order() {
  guest curl --fail --silent "$url/v1/streams/orders?snapshot=true&until=now&id=eq.$id&select=id,created_at" |
    grep --only-matching '"created_at":"[^"]*"' | sort --unique
}
before=$(order || true)
expect [ -n "$before" ]
expect compose stop
expect is ordercast State.ExitCode 0
expect compose down
expect compose up --detach
expect guest_patiently ready
expect [ "$(order)" = "$before" ]
expect compose down --volumes
echo passed
