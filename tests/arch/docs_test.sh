#!/usr/bin/env bash
# shellcheck disable=SC2016  # the backticks are Markdown's
# Makes one mistake after the other in a small book and expects docs.sh to say which; the book itself must pass.
set -euo pipefail
checker=$(dirname "${BASH_SOURCE[0]}")/docs.sh
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
passed=0 failed=0

write_book() {
  rm -rf "${root:?}"/*
  mkdir -p "$root/docs/decisions" "$root/build"
  cat >"$root/README.md" <<'MARKDOWN'
# Program

[中文](README.zh-CN.md) · [the book](docs/README.md) · [elsewhere](https://example.org/nowhere#at-all)

```sh
run [this](docs/nowhere.md)   # code is no link
```

| | fast |
|---|---|
| 10,000 | 4.1 µs |

`a[0](docs/nowhere.md)` is no link either.
MARKDOWN
  cat >"$root/README.zh-CN.md" <<'MARKDOWN'
# 程序

[English](README.md)

```sh
run [this](docs/nowhere.md)   # code is no link
```

| | 速度 |
|---|---|
| 10,000 个 | 4.1 µs |
MARKDOWN
  cat >"$root/docs/README.md" <<'MARKDOWN'
# Contents

[Pages](page.md), [`the first`](decisions/0001-first.md)
MARKDOWN
  cat >"$root/docs/page.md" <<'MARKDOWN'
# A page

[up](#a-page), [twice](#twice), [twice again](#twice-1), [flag](#--wake-when-to-use-it), [大](#大小), [other](decisions/0001-first.md#why)

## Twice
## Twice
## `--wake`: when to use it
## 大小？
MARKDOWN
  printf '# First\n\n## Why\n\n[home](../../README.md)\n' >"$root/docs/decisions/0001-first.md"
  echo '[what is not ours](nowhere.md)' >"$root/build/x.md"
}

# check SAID: SAID is what the checker must say of the book as it is, "" when it must pass. Then it is whole again.
check() {
  local output
  output=$("$checker" "$root") || true
  if [[ $output == "$1" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "expected '$1', got: $output"
  fi
  write_book
}

# add FILE LINE
add() { echo "$2" >>"$root/$1"; }

write_book
check ''
add docs/page.md '[gone](gone.md)'
check 'docs/page.md:9: there is no gone.md'
add docs/page.md 'two: [home](../README.md), [a picture](images/gone.png)'
check 'docs/page.md:9: there is no images/gone.png'
add docs/page.md '[no such heading](#thrice)'
check 'docs/page.md:9: docs/page.md has no heading #thrice'
add docs/page.md '[no third](#twice-2)'
check 'docs/page.md:9: docs/page.md has no heading #twice-2'
add docs/decisions/0001-first.md '[of another page](../page.md#first)'
check 'docs/decisions/0001-first.md:6: docs/page.md has no heading #first'
add docs/page.md '[absolute](/docs/page.md)'
check 'docs/page.md:9: there is no /docs/page.md'
add docs/page.md '[outside](../../outside.md)'
check 'docs/page.md:9: there is no ../../outside.md'
add docs/decisions/0002-second.md '# Second'
check 'docs/README.md: does not list decisions/0002-second.md'
rm "$root/docs/README.md" && sed -i 's/ · \[the book\](docs\/README.md)//' "$root/README.md"
check 'there is no docs/README.md'
sed -i 's/4.1/4.2/' "$root/README.zh-CN.md"
check $'README.md README.zh-CN.md: not the same numbers:\n3c3\n<  10,000 4.1\n---\n>  10,000 4.2'
sed -i 's/^run /walk /' "$root/README.zh-CN.md"
check $'README.md README.zh-CN.md: not the same code:\n2c2\n< run [this](docs/nowhere.md)   # code is no link\n---\n> walk [this](docs/nowhere.md)   # code is no link'
sed -i '/English/d' "$root/README.zh-CN.md"
check 'README.zh-CN.md: its first lines do not link to README.md'
sed -i 's/\[中文\](README.zh-CN.md) · //' "$root/README.md"
check 'README.md: its first lines do not link to README.zh-CN.md'
rm "$root/README.zh-CN.md" && sed -i 's/\[中文\](README.zh-CN.md) · //' "$root/README.md"
check 'README.md README.zh-CN.md: one is missing'

echo "$passed passed, $failed failed"
((failed == 0))
