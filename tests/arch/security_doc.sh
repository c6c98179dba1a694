#!/usr/bin/env bash
# security_doc.sh ROOT: fails, and says what is wrong, unless docs/security.md has its threats in order, each with
# tests that are there, or with the words "not yet". The last column names them, files below tests/ first:
#   | 18 | request smuggling | … | `unit/http/smuggling_test.cc` "one test case", "another"; `fuzz/x_fuzz.cc` |
set -euo pipefail
cd "$1"
document=docs/security.md
wrong=0
expected=0

complain() {
  echo "$document: $*"
  wrong=1
}

# check_tests NUMBER CELL
check_tests() {
  local number=$1 rest=$2 file='' name
  while [[ $rest =~ (\`[^\`]*\`|\"[^\"]*\") ]]; do
    name=${BASH_REMATCH[1]:1:-1}
    if [[ ${BASH_REMATCH[1]} == \`* ]]; then
      file=tests/$name
      [[ -f $file ]] || complain "row $number: there is no $file"
    elif [[ -f $file ]] && ! grep -qF -e "\"$name\"" -e "'$name'" "$file"; then
      complain "row $number: $file has no test \"$name\""
    fi
    rest=${rest#*"${BASH_REMATCH[1]}"}
  done
  [[ $file || $2 == *'not yet'* ]] || complain "row $number: no test"
}

while IFS='|' read -r _ number _ _ tests _; do
  number=${number// /}
  expected=$((expected + 1))
  ((number == expected)) || complain "row $number: expected $expected"
  check_tests "$number" "$tests"
done < <(grep -E '^\| [0-9]+ \|' "$document")

((expected > 0)) || complain 'no rows'
exit "$wrong"
