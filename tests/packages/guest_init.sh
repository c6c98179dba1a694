#!/usr/bin/env bash
# guest_init.sh ROOT: process 1 of the guest whose files are below ROOT: mounts what a machine has, and becomes its
# systemd. Runs in namespaces of its own; see guest.sh.
set -euo pipefail
root=$1
mount -t proc proc "$root/proc"
# What is the machine's own, kernel settings above all, can be read only.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"
mount -t tmpfs -o mode=1777 none "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=755 none "$root/run"
mount -t tmpfs -o mode=1777 none "$root/tmp"
# Not chroot: in one, no process may make itself a user namespace (PrivateUsers=).
cd "$root"
mkdir run/machine
pivot_root . run/machine
umount --lazy run/machine
rmdir run/machine
exec env -i container=ordercast-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set -sys_module,-sys_time,-sys_rawio,-syslog \
  /lib/systemd/systemd --system --unit=basic.target
