# shellcheck shell=bash
# Containers of the image, in a guest system (guest.sh), after image_test.sh has made it: as on a machine with an
# engine, and the machine that runs the tests has no bridge, rule or process of it.
#
#   containers_start BUILD    boots the guest; `guest podman …` has the image `ordercast`, `$out` is a folder for files,
#                             and both go when the script ends; `$url` is where a published container serves
#   hardened                  what docs/deployment.md asks an engine for, as options of `podman run`
#   expect COMMAND ...        ends the test unless it succeeds, with what the containers said
#   expect fails COMMAND ...  … or unless it does not
#
# podman, for Debian has it and it takes no daemon; of Docker's own it is what differs least.

# shellcheck source=tests/packages/guest.sh
source "${BASH_SOURCE[0]%/*}/guest.sh"

# shellcheck disable=SC2034  # for whoever sources this
url=http://127.0.0.1:8080 out=''

containers_start() {
  [[ -s $1/image/ordercast.tar ]] || {
    echo "not run: there is no image; packages_image says why"
    exit 0
  }
  out=$(mktemp -d)
  trap 'guest_stop; rm -rf "$out"' EXIT
  guest_start "$1/image"
  # Where podman finds it that systemd starts, for health checks.
  guest tee /etc/containers/containers.conf <"${BASH_SOURCE[0]%/*}/containers.conf" >/dev/null
  guest bash -euo pipefail -s <<'SH'
# In memory, for layers are overlays, which cannot stand on a file system that is an overlay itself.
mount -t tmpfs -o mode=755 none /var/lib/containers
# Forwarding, for published ports: a setting of the guest's own network.
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
podman load --quiet --input /media/ordercast.tar
SH
  # A machine that lets us have a guest may still forbid what an engine needs.
  local said
  said=$(guest podman run --rm --entrypoint /bin/true ordercast 2>&1) || {
    echo "not run: no container can be run here: $said"
    exit 0
  }
}

# podman would give a read-only container more folders to write to; Docker does not.
# shellcheck disable=SC2034  # for whoever sources this
hardened=(--read-only --read-only-tmpfs=false --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges)

expect() {
  "$@" || {
    echo "not so: $*"
    containers_report
    exit 1
  }
}

fails() { ! "$@"; }

containers_report() {
  local name
  guest podman ps --all
  for name in $(guest podman ps --all --format '{{.Names}}'); do
    echo "== $name"
    guest podman logs "$name" || true
  done
  tail -v -n 20 "$out"/* 2>/dev/null || true  # what the clients had
}
