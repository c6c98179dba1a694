#!/usr/bin/env bash
# Takes one defence away at a time and shows that a test fails: tests/mutation/run.sh [NAME ...]
# Each NAME.patch says above its diff what it breaks, and in the line "Fails: TEST" which ctest entry notices.
# Works on a copy of the committed tree, in build/mutation; takes a minute or two for each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source_dir=$PWD
copy=$PWD/build/mutation/source
folder=$copy/build/release  # as in any clone, so that the compiler cache knows most of it
log=$PWD/build/mutation/log

names=("$@")
if ((${#names[@]} == 0)); then
  mapfile -t names < <(basename -s .patch tests/mutation/*.patch)
fi

mkdir -p "$log"
if [[ ! -e $copy ]]; then git worktree add --force --detach "$copy" >/dev/null; fi
git -C "$copy" checkout --quiet --force --detach "$(git rev-parse HEAD)"
(cd "$copy" && cmake --preset release) >"$log/configure" || {
  cat "$log/configure"
  exit 1
}

build_and_test() {
  local programs=("$1")
  case $1 in
    integration_*) programs=(ordercast integration) ;;
    browser_*)
      programs=(ordercast)
      ln -sfn "$source_dir/tests/browser/node_modules" "$copy/tests/browser/node_modules"
      ;;
  esac
  cmake --build "$folder" --target "${programs[@]}" || return 2
  ctest --test-dir "$folder" --no-tests=error --output-on-failure -R "^$1\$"
}

survived=0
for name in "${names[@]}"; do
  patch=$source_dir/tests/mutation/$name.patch
  test=$(sed -n 's/^Fails: //p' "$patch")
  git -C "$copy" checkout --quiet --force .
  status=0
  { git -C "$copy" apply "$patch" && build_and_test "$test"; } >"$log/$name" 2>&1 || status=$?
  case $status in
    0) verdict="SURVIVED: $test passes without this defence" survived=1 ;;
    8) verdict="caught by $test" ;;  # what ctest says when a test fails
    *) verdict="the patch does not apply, or not build: see $log/$name" survived=1 ;;
  esac
  printf '%-32s %s\n' "$name" "$verdict"
done
exit "$survived"
