#!/usr/bin/env bash
# deb_test.sh BUILD: the Debian package that cpack makes of BUILD is what Debian expects of one, and in a guest system
# installs, starts, survives its own upgrade, and purges without leaving anything behind.
set -euo pipefail
build=$1
# shellcheck source=tests/packages/guest.sh
source "${BASH_SOURCE[0]%/*}/guest.sh"
# shellcheck source=tests/packages/package.sh
source "${BASH_SOURCE[0]%/*}/package.sh"
package_build "$build"

lintian --allow-root --fail-on error,warning "$package"

guest_start "$package_dir"
deb=/media/${package##*/}

# All that is called after it, in the package manager's records as well.
files() { guest find /etc /usr /var -xdev -name '*ordercast*' | sort; }
users() { guest getent passwd && guest getent group; }
install() { guest apt-get install --yes --reinstall "$deb"; }
main_pid() { guest systemctl show --property MainPID --value ordercast; }
expect() {
  "$@" || {
    echo "not so: $*"
    guest journalctl --no-pager --unit ordercast
    exit 1
  }
}

files >"$package_dir/before"
users >"$package_dir/users_before"

install
expect guest test -x /usr/bin/ordercast
for file in man/man1/ordercast.1.gz bash-completion/completions/ordercast zsh/vendor-completions/_ordercast \
  fish/vendor_completions.d/ordercast.fish; do
  expect guest test -s "/usr/share/$file"
done
expect [ "$(guest systemctl is-active ordercast)" = inactive ]  # it has to be told its database first
guest systemd-analyze verify --man=no ordercast.service

# Ready when that returns. It runs as its user, in its sandbox; here with a private PostgreSQL.
expect guest systemctl enable --now ordercast
expect guest curl --fail --silent --show-error http://127.0.0.1:8080/readyz
expect [ "$(guest systemctl show --property StatusText --value ordercast)" = '0 streams' ]
expect [ "$(guest stat --format %U "/proc/$(main_pid)")" = ordercast ]

# A reload is told, and ends nothing.
before=$(main_pid)
expect guest systemctl reload ordercast
expect guest_patiently guest curl --fail --silent http://127.0.0.1:8080/readyz
expect [ "$(main_pid)" = "$before" ]

# An upgrade restarts it, and keeps what was configured.
guest sh -c 'echo "# mine" >>/etc/ordercast/ordercast.toml'
before=$(main_pid)
install
expect guest curl --fail --silent --show-error http://127.0.0.1:8080/readyz
expect [ "$(main_pid)" != "$before" ]
expect guest grep -q mine /etc/ordercast/ordercast.toml

guest apt-get remove --yes ordercast
expect [ "$(guest systemctl is-active ordercast)" != active ]
expect guest test -e /etc/ordercast/ordercast.toml
guest apt-get purge --yes ordercast
expect diff <(files) "$package_dir/before"
expect diff <(users) "$package_dir/users_before"
echo passed
