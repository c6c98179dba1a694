#!/usr/bin/env bash
# image_test.sh BUILD: the container image has every library that the program is linked with, gets its packages from
# tools/packages.txt alone, and what it runs is neither root nor able to write where it should not. Of the files, not of
# a running container: a Docker engine is not among what the tests install.
set -euo pipefail
build=$1 failed=0
# shellcheck source=tests/packages/guest.sh
source "${BASH_SOURCE[0]%/*}/guest.sh"
# shellcheck source=tests/packages/package.sh
source "${BASH_SOURCE[0]%/*}/package.sh"

complain() {
  echo "$*"
  failed=1
}

# Packages, and what they provide.
image_has() {
  local packages
  mapfile -t packages < <(awk '$1 == "image" || $1 == "run" { print $2 }' tools/packages.txt)
  printf '%s\n' "${packages[@]}"
  dpkg-query --show --showformat='${Provides}\n' "${packages[@]}" 2>/dev/null | tr ',' '\n' | sed 's/^ *//; s/ .*//'
}

# What dpkg-shlibdeps finds the program to need, but for what any C++ library brings along.
package_build "$build"
needed=$(dpkg-deb --field "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' | grep '^lib' |
  grep -vxE 'libc6|libgcc-s1|libstdc\+\+6')
missing=$(comm -23 <(sort <<<"$needed") <(image_has | sort -u))
[[ -z $missing ]] || complain "tools/packages.txt: the set \"image\" lacks ${missing//$'\n'/, }"

joined=$(sed -e ':again' -e '/\\$/{N; s/\\\n//; b again}' Dockerfile)
while IFS= read -r install; do
  [[ $install =~ --no-install-recommends\ +\$\(awk\ [^\)]*packages\.txt\) ]] ||
    complain "Dockerfile: installs what is not in tools/packages.txt: $install"
done < <(grep -o 'apt-get install[^&]*' <<<"$joined")
stage=$(tac Dockerfile | sed '/^FROM /q')  # the last one, upside down
user=$(awk '$1 == "USER" { print $2; exit }' <<<"$stage")
[[ $user && $user != root && $user != 0 ]] || complain "Dockerfile: runs as root"
grep -q '^HEALTHCHECK ' <<<"$stage" || complain "Dockerfile: no health check"

# Of all services that are Ordercast's.
ours=$(awk '/^x-ordercast:/ { inside = 1; next } /^[^ #]/ { inside = 0 } inside' compose.yaml)
for line in 'read_only: true' 'cap_drop: \[ALL\]' 'security_opt: \[no-new-privileges:true\]' 'tmpfs: \[/tmp\]'; do
  grep -qE "^  $line" <<<"$ours" || complain "compose.yaml: x-ordercast has no ${line//\\/}"
done
grep -q '^      test: \["CMD", "pg_isready"' compose.yaml || complain "compose.yaml: the database has no health check"
((failed == 0)) && echo passed
exit "$failed"
