#!/usr/bin/env bash
# guest_boot.sh FOLDER SHARED: builds the guest's file system below FOLDER and becomes the guest's supervisor; see
# guest.sh. Runs in a mount namespace of its own, so that nothing of this reaches the machine.
set -euo pipefail
dir=$1 shared=$2
"${BASH_SOURCE[0]%/*}/guest_groups.sh" enter "$dir"

# In memory, for a file system that is an overlay itself cannot hold the upper layer of one.
mkdir "$dir/memory"
mount -t tmpfs -o mode=755 none "$dir/memory"
mkdir "$dir"/memory/{upper,work,root}
root=$dir/memory/root
mount -t overlay -o "lowerdir=/,upperdir=$dir/memory/upper,workdir=$dir/memory/work" none "$root"
# Services do not start in a container image by themselves; the guest is a whole machine.
rm -f "$root/usr/sbin/policy-rc.d"
# What this machine starts at boot is none of the guest's business.
rm -rf "$root"/etc/systemd/system/*.wants
mkdir -p "$root/media"
mount --bind "$shared" "$root/media"
mount -o remount,bind,ro "$root/media"

# It ends with us, and everything in it with its process 1.
setpriv --pdeathsig KILL unshare --pid --fork --cgroup --ipc --uts --net --mount --kill-child \
  "${BASH_SOURCE[0]%/*}/guest_init.sh" "$root" &
supervisor=$!
init=''
until [[ $init ]]; do
  init=$(tr -d ' ' <"/proc/$supervisor/task/$supervisor/children") || exit 1  # it has ended
done
echo "$init" >"$dir/init"
wait "$supervisor"
