#!/usr/bin/env bash
# quick_start_test.sh BUILD: who has a shop's database and follows docs/quick-start.md to the letter gets what it
# promises. The commands are those of the page, run in its order by one shell, in a guest system that has what the page
# asks for and no more: a PostgreSQL with the shop's database.
set -euo pipefail
build=$1
# shellcheck source=tests/packages/guest.sh
source "${BASH_SOURCE[0]%/*}/guest.sh"
# shellcheck source=tests/packages/package.sh
source "${BASH_SOURCE[0]%/*}/package.sh"
package_build "$build"

# fenced KIND: the fenced blocks of the page that are of this kind, "" for those without.
fenced() {
  awk -v fence="\`\`\`$1" '
    !inside && $0 == fence { inside = 1; next }
    !inside && /^```/ { inside = 2; next }
    inside && /^```$/ { inside = 0; next }
    inside == 1 { print }' docs/quick-start.md
}
fenced sh >"$package_dir/commands"
fenced '' >"$package_dir/promised"
[[ -s $package_dir/commands && -s $package_dir/promised ]]
cat >"$package_dir/shop.sql" <<'SQL'
CREATE TABLE products (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL);
INSERT INTO products VALUES (1, 'Brass bell', 18.75), (2, 'Front lamp', 64.90);
SQL
chmod 755 "$package_dir"

guest_start "$package_dir"
guest sh -c '
  set -e
  rm -rf /etc/postgresql/*  # clusters of this machine
  mkdir -p /var/log/postgresql
  chown root:postgres /var/log/postgresql && chmod 1775 /var/log/postgresql
  pg_createcluster 15 quickstart --port=5432 --start -- --auth=peer --no-sync
  cd /
  sudo -u postgres createdb shop
  sudo -u postgres psql --quiet --set=ON_ERROR_STOP=1 --dbname=shop --file=/media/shop.sql'

failed() {
  echo "not so: $1; the page's commands said:"
  guest cat /root/output
  guest journalctl --no-pager --unit ordercast
  exit 1
}

# The package is where who has just downloaded it is.
guest sh -c 'cp /media/*.deb /root'
guest sh -c 'cd /root && exec setsid bash -e -x /media/commands >/root/output 2>&1 </dev/null' ||
  failed 'the commands succeed'

# The event as it is on the page, which leaves out what differs each time.
shows_what_is_promised() {
  local line
  while IFS= read -r line; do
    guest grep --quiet --fixed-strings -- "$line" /root/output || return 1
  done <"$package_dir/promised"
}
guest_patiently shows_what_is_promised || failed 'the event comes as it is promised'
guest grep --quiet '"name":"Front lamp"' /root/output || failed 'the rows that are there come first'
echo passed
