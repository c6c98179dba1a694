#!/usr/bin/env bash
# guest_groups.sh enter|remove FOLDER: the control group of the guest in FOLDER, for the calling process and its
# children, and its end. Runs in a mount namespace of its own.
set -euo pipefail
mkdir -p "$2/groups"
mount -t cgroup2 none "$2/groups"
group=$2/groups/ordercast-test-${2##*.}
case $1 in
  enter)
    mkdir "$group"
    echo "$PPID" >"$group/cgroup.procs"
    ;;
  remove)
    for ((try = 0; try < 100; ++try)); do
      # Its last processes may still be on their way out.
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [[ -d $group ]] || break
      sleep 0.1
    done
    ;;
esac
umount "$2/groups"
