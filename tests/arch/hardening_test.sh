#!/usr/bin/env bash
# Compiles a small program with all of Debian's hardening, then leaves out one flag after the other and expects
# hardening.sh to miss exactly that.
set -euo pipefail
checker=$(dirname "${BASH_SOURCE[0]}")/hardening.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

cat >"$dir/program.cc" <<'EOF'
#include <cstdio>
#include <cstring>
int main(int argc, char** argv) {
  char text[16];
  std::strncpy(text, argv[argc - 1], static_cast<unsigned>(argc) * 4);
  std::puts(text);
}
EOF

# check MISSING FLAGS...: MISSING is what the checker must say, "" when it must pass.
check() {
  local expected=$1 output
  shift
  g++ "$dir/program.cc" -o "$dir/program" -O2 -fPIE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
    -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 "$@" 2>"$dir/errors" || cat "$dir/errors"
  output=$("$checker" "$dir/program") || true
  if [[ $output == "${expected:+$dir/program: $expected}" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "with '$*': expected '$expected', got: $output"
  fi
}

check ''
check 'no read-only relocations' -Wl,-z,norelro
check 'no binding of all symbols at start' -Wl,-z,lazy
check 'no stack protector' -fno-stack-protector
check 'no fortified libc calls' -U_FORTIFY_SOURCE
check 'no protected stack' -Wl,-z,execstack
check $'no position-independent code\n'"$dir/program: no position-independent executable" -fno-pie -no-pie

echo "$passed passed, $failed failed"
((failed == 0))
