# shellcheck shell=bash
# A guest: this machine once more, as a throw-away. Its files are the machine's own, what it writes is kept in
# memory and forgotten; systemd runs in it, with processes, a network (loopback alone) and control groups of its
# own. So a package can be installed, started and purged for real, and the machine is as it was.
#
#   guest_start FOLDER      boots it; FOLDER is /media in it, read-only
#   guest COMMAND ...       runs a command in it, as root
#   guest_stop              also when the script ends, however it ends
#
# Takes root, and a kernel that lets us mount; without, the test says "not run: …", which ctest shows as skipped.
# Root of a user namespace of one's own would not do: it has one user, but dpkg, PostgreSQL and the unit's User= take
# several, which only the machine's root hands out (/etc/subuid), and so it is with the control group for systemd.

guest_dir='' guest_supervisor='' guest_init=''

guest_start() {
  if ((EUID != 0)) || ! unshare --mount --pid --fork --cgroup --ipc --uts --net true 2>/dev/null; then
    echo "not run: a guest system takes root, and namespaces (a privileged container, say)"
    exit 0
  fi
  guest_dir=$(mktemp -d)
  [[ $(trap -p EXIT) ]] || trap guest_stop EXIT
  # However this script ends, the guest ends with it.
  setpriv --pdeathsig KILL unshare --mount \
    "${BASH_SOURCE[0]%/*}/guest_boot.sh" "$guest_dir" "$(realpath "$1")" >"$guest_dir/boot.log" 2>&1 &
  guest_supervisor=$!
  guest_patiently guest_find_init || guest_failed
  # "degraded" will do: a unit of the machine's own may not like its new home.
  guest_patiently guest_is_up || guest_failed
}

guest() {
  nsenter --target "$guest_init" --all --root --wd -- \
    env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

guest_stop() {
  [[ -z $guest_supervisor ]] || kill -KILL "$guest_init" "$guest_supervisor" 2>/dev/null || true
  wait 2>/dev/null || true
  guest_supervisor=''
  # Its control groups are the kernel's, and outlive it.
  [[ -z $guest_dir ]] || unshare --mount "${BASH_SOURCE[0]%/*}/guest_groups.sh" remove "$guest_dir" || true
  [[ -z $guest_dir ]] || rm -rf "$guest_dir"
  guest_dir=''
}

# guest_patiently COMMAND ...: until it succeeds, a minute at most.
guest_patiently() {
  local deadline=$((SECONDS + 60))
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# guest_boot.sh says which process of ours is process 1 of it.
guest_find_init() {
  guest_init=$(cat "$guest_dir/init" 2>/dev/null) && [[ -n $guest_init ]]
}

guest_is_up() {
  guest systemctl is-system-running 2>/dev/null | grep -Eq '^(running|degraded)$'
}

guest_failed() {
  echo "the guest system does not come up:"
  cat "$guest_dir/boot.log"
  exit 1
}
