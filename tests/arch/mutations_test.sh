#!/usr/bin/env bash
# Writes one wrong patch after the other and expects mutations.sh to say what is wrong; a right one must pass.
set -euo pipefail
checker=$(realpath "$(dirname "${BASH_SOURCE[0]}")/mutations.sh")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/tests/mutation" "$root/tests/unit/hub" "$root/tests/integration" "$root/tests/browser"
touch "$root/tests/integration/a_test.cc" "$root/tests/browser/a.test.mjs"
echo old >"$root/source"
passed=0 failed=0

# check SAID BREAKS FAILS LINE: SAID is what the checker must say of a patch that replaces LINE, "" when it must pass.
check() {
  local output
  printf '%s\nFails: %s\n\n--- a/source\n+++ b/source\n@@ -1 +1 @@\n-%s\n+new\n' "$2" "$3" "$4" >"$root/tests/mutation/a.patch"
  output=$("$checker" "$root") || true
  if [[ $output == "${1:+tests/mutation/a.patch: $1}" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "expected '$1', got: $output"
  fi
}

check '' 'It breaks.' unit_hub old
check '' 'It breaks.' integration_a_test old
check '' 'It breaks.' browser_a old
check 'does not apply' 'It breaks.' unit_hub other
check 'its line "Fails: TEST" names no test' 'It breaks.' unit_none old
check 'its line "Fails: TEST" names no test' 'It breaks.' integration_b_test old
check 'its first line does not say what it breaks' 'diff' unit_hub old

echo "$passed passed, $failed failed"
((failed == 0))
