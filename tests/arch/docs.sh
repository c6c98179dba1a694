#!/usr/bin/env bash
# shellcheck disable=SC2016  # the backticks are Markdown's
# docs.sh ROOT: fails, and says what is wrong, unless
#   - each relative link of each Markdown file leads to a file, and its #anchor to a heading there, by GitHub's rules;
#   - docs/README.md, the contents of the book, links to every page below docs/;
#   - README.md and README.zh-CN.md name each other in their first lines, show the same code, and have the same numbers
#     in their tables, row by row: whoever changes the one is made to look at the other.
set -euo pipefail
cd "$1"
export LC_ALL=C.UTF-8 # what a letter is, in headings of any language
book=docs/README.md
readmes=(README.md README.zh-CN.md)
wrong=0

complain() {
  echo "$*"
  wrong=1
}

# Prints "number:line" of the lines of FILE that are no code.
prose() {
  awk '/^ *```/ { code = !code; next } !code { print FNR ":" $0 }' "$1"
}

# Prints the anchors of FILE: its headings, in lower case, without punctuation, a "-" for each space; the second of
# the same name ends in -1.
anchors() {
  prose "$1" | sed -nE 's/^[0-9]+:#+ +//p' | sed -E 's/\]\([^)]*\)//g; s/.*/\L&/; s/[^[:alnum:] _-]//g; s/ /-/g' |
    awk '{ print seen[$0]++ ? $0 "-" seen[$0] - 1 : $0 }'
}

# Prints "number:target" of the links of FILE; what stands in `backticks` is no link.
links() {
  prose "$1" | sed -E 's/`[^`]*`//g' | awk '{
    number = $0
    sub(/:.*/, "", number)
    while (match($0, /\]\([^)]*\)/)) {
      print number ":" substr($0, RSTART + 2, RLENGTH - 3)
      $0 = substr($0, RSTART + RLENGTH)
    }
  }'
}

declare -A anchors_of=() # of each page that a link leads into, a line each, between line breaks

# check_link FILE NUMBER TARGET
check_link() {
  local file=$1 path=${3%%#*} anchor='' page
  [[ $3 == *'#'* ]] && anchor=${3#*#}
  if [[ $3 =~ ^[a-z]+: ]]; then return; fi # https:, mailto:
  page=$file
  [[ -z $path ]] || page=$(realpath --canonicalize-missing --relative-to=. -- "./$file/../$path")
  if [[ $path == /* || $page == ../* || ! -e $page ]]; then
    complain "$file:$2: there is no $3"
  elif [[ $anchor ]]; then
    [[ -v anchors_of[$page] ]] || anchors_of[$page]=$'\n'$(anchors "$page")$'\n'
    [[ ${anchors_of[$page]} == *$'\n'"$anchor"$'\n'* ]] || complain "$file:$2: $page has no heading #$anchor"
  fi
}

# check_contents PAGE: every page but the contents themselves is in them.
check_contents() {
  [[ $1 == "$book" ]] || links "$book" | sed 's/^[0-9]*://' | grep -xF -e "${1#docs/}" >/dev/null ||
    complain "$book: does not list ${1#docs/}"
}

code() {
  awk '/^ *```/ { code = !code; print; next } code' "$1"
}

# Prints the numbers of each row of the tables of FILE.
numbers() {
  awk '/^\|/ {
    row = ""
    while (match($0, /[0-9][0-9.,]*/)) {
      row = row " " substr($0, RSTART, RLENGTH)
      $0 = substr($0, RSTART + RLENGTH)
    }
    print row
  }' "$1"
}

# check_same WHAT A B: what the readmes have of it.
check_same() {
  local difference
  difference=$(diff <(echo "$2") <(echo "$3")) || complain "${readmes[*]}: not the same $1:"$'\n'"$difference"
}

mapfile -t pages < <(find . \( -name .git -o -name build -o -name node_modules \) -prune -o -name '*.md' -printf '%P\n' | sort)
for page in "${pages[@]}"; do
  while IFS=: read -r number target; do check_link "$page" "$number" "$target"; done < <(links "$page")
  if [[ -f $book && $page == docs/* ]]; then check_contents "$page"; fi
done
[[ -f $book ]] || complain "there is no $book"

if [[ -f ${readmes[0]} && -f ${readmes[1]} ]]; then
  head -n 5 "${readmes[0]}" | grep -qF "](${readmes[1]})" || complain "${readmes[0]}: its first lines do not link to ${readmes[1]}"
  head -n 5 "${readmes[1]}" | grep -qF "](${readmes[0]})" || complain "${readmes[1]}: its first lines do not link to ${readmes[0]}"
  check_same code "$(code "${readmes[0]}")" "$(code "${readmes[1]}")"
  check_same numbers "$(numbers "${readmes[0]}")" "$(numbers "${readmes[1]}")"
else
  complain "${readmes[*]}: one is missing"
fi
exit "$wrong"
