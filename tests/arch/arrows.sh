#!/usr/bin/env bash
# Proves the include arrows of docs/architecture.md: arrows.sh ROOT prints each include that breaks a rule
# and fails when there is one, or when there is nothing to check.
set -euo pipefail
cd "$1"

mapfile -t files < <(find src tests -name '*.cc' -o -name '*.h' | sort)
if ((${#files[@]} == 0)); then
  echo "arrows: no sources below $1" >&2
  exit 1
fi

awk '
  BEGIN {
    may["base"] = " base "
    may["core"] = " base core "
    may["hub"] = " base core hub "
    may["pg"] = " base core pg "
    may["auth"] = " base core auth "
    may["http"] = " base core hub auth http "
    may["client"] = " base core client "
    may["load"] = " base core load "
    may["app"] = " base core hub pg auth http client load app "
  }

  function broken(rule) {
    printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, $0
    failed = 1
  }

  FNR == 1 {
    split(FILENAME, path, "/")
    in_tests = path[1] == "tests"
    layer = in_tests ? "" : path[2]
    if (!in_tests && !(layer in may)) {
      printf "%s: not a layer: src/%s\n", FILENAME, layer
      failed = 1
    }
  }

  !/^[ \t]*#[ \t]*include/ { next }

  {
    quoted = $0 ~ /"/
    name = $0
    sub(/^[^<"]*[<"]/, "", name)
    sub(/[>"].*$/, "", name)
  }

  name ~ /\.cc$/ { broken("a source file is not included") }

  name ~ /^httplib/ && FILENAME !~ /^src\/http\/.*\.cc$/ {
    broken("httplib.h is known only to src/http/*.cc")
  }

  name ~ /^jwt\// && FILENAME !~ /^src\/auth\/.*\.cc$/ && !in_tests {
    broken("cpp-jwt is known only to src/auth/*.cc")
  }

  name ~ /^openssl\// && FILENAME !~ /^src\/(auth\/.*|http\/tls_.*)\.cc$/ && !in_tests {
    broken("OpenSSL is known only to src/auth/*.cc and src/http/tls_*.cc")
  }

  name ~ /^curl\// && FILENAME !~ /^src\/client\/.*\.cc$/ {
    broken("libcurl is known only to src/client/*.cc")
  }

  name ~ /^pqxx/ && !in_tests && layer != "pg" { broken("pqxx is known only to src/pg") }

  # Below src/, our own headers are named by layer: "core/change.h".
  quoted && !in_tests {
    split(name, part, "/")
    if (!(part[1] in may)) {
      broken("own headers are included as \"layer/file.h\"")
    } else if (layer in may && index(may[layer], " " part[1] " ") == 0) {
      broken(layer " may not know " part[1])
    }
  }

  END { exit failed }
' "${files[@]}"
