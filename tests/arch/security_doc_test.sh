#!/usr/bin/env bash
# shellcheck disable=SC2016  # the backticks are Markdown's
# Writes one wrong row after the other and expects security_doc.sh to say what is wrong; right ones must pass.
set -euo pipefail
checker=$(dirname "${BASH_SOURCE[0]}")/security_doc.sh
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/docs" "$root/tests/unit"
cat >"$root/tests/unit/a_test.cc" <<'EOF'
TEST_CASE("what is promised") {}
EOF
echo "test('what a page does', () => {});" >"$root/tests/unit/b.test.mjs"
passed=0 failed=0

# check SAID ROW...: SAID is what the checker must say, "" when the rows must pass.
check() {
  local expected=$1 output
  shift
  { echo '| # | threat | defence | tests |' && echo '|---|---|---|---|' && printf '%s\n' "$@"; } >"$root/docs/security.md"
  output=$("$checker" "$root") || true
  if [[ $output == "${expected:+docs/security.md: $expected}" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "with $*: expected '$expected', got: $output"
  fi
}

check '' '| 1 | t | d | `unit/a_test.cc` |'
check '' '| 1 | t | d | `unit/a_test.cc` "what is promised"; `unit/b.test.mjs` "what a page does" |' '| 2 | t | d | not yet |'
check 'no rows'
check 'row 2: expected 1' '| 2 | t | d | `unit/a_test.cc` |'
check 'row 1: no test' '| 1 | t | d | tested by hand |'
check 'row 1: there is no tests/unit/c_test.cc' '| 1 | t | d | `unit/c_test.cc` |'
check 'row 1: tests/unit/a_test.cc has no test "what is promise"' '| 1 | t | d | `unit/a_test.cc` "what is promise" |'
check 'row 1: tests/unit/b.test.mjs has no test "what is promised"' \
  '| 1 | t | d | `unit/a_test.cc` "what is promised"; `unit/b.test.mjs` "what is promised" |'

echo "$passed passed, $failed failed"
((failed == 0))
