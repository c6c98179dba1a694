#!/usr/bin/env bash
# hardening.sh PROGRAM: fails, and says what is missing, unless PROGRAM has what Debian's hardening=+all gives:
# position-independent, read-only relocations bound at start, stack protector, fortified libc calls, no
# executable stack.
set -euo pipefail
program=$1
missing=0

# wants WHAT OPTION PATTERN: readelf OPTION must print a line that matches.
wants() {
  if ! readelf --wide "$2" "$program" | grep -E "$3" >/dev/null; then
    echo "$program: no $1"
    missing=1
  fi
}

[[ -x $program ]]
wants 'position-independent code' --file-header 'Type: +DYN'
wants 'position-independent executable' --dynamic 'FLAGS_1.* PIE'
wants 'read-only relocations' --program-headers '^ +GNU_RELRO'
wants 'binding of all symbols at start' --dynamic 'FLAGS.* (BIND_)?NOW'
wants 'stack protector' --dyn-syms ' __stack_chk_fail(@|$)'
wants 'fortified libc calls' --dyn-syms ' __[a-z0-9_]+_chk(@|$)'
wants 'protected stack' --program-headers '^ +GNU_STACK .* RW +0x'
exit "$missing"
