#!/usr/bin/env bash
# mutations.sh ROOT: fails, and says which, unless each patch of tests/mutation says what it breaks, applies to the tree,
# and names a test that is there: a mutation that does not apply proves nothing.
set -euo pipefail
cd "$1"
wrong=0
found=0

complain() {
  echo "$1: $2"
  wrong=1
}

# is_a_test NAME: an entry of ctest.
is_a_test() {
  case $1 in
    integration_*) [[ -e tests/integration/${1#integration_}.cc ]] ;;
    unit_*) [[ -d tests/unit/${1#unit_} ]] ;;
    browser_*) [[ -e tests/browser/${1#browser_}.test.mjs ]] ;;
    *) return 1 ;;
  esac
}

for patch in tests/mutation/*.patch; do
  [[ -e $patch ]] || continue
  found=$((found + 1))
  [[ $(head -n 1 "$patch") == *. ]] || complain "$patch" 'its first line does not say what it breaks'
  is_a_test "$(sed -n 's/^Fails: //p' "$patch")" || complain "$patch" 'its line "Fails: TEST" names no test'
  git apply --check "$patch" 2>/dev/null || complain "$patch" 'does not apply'
done

((found > 0)) || complain tests/mutation 'no patches'
exit "$wrong"
