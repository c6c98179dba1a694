#!/usr/bin/env bash
# Writes what describes the options of `serve` from the program itself: the tables of docs/configuration.md, and
# deploy/ordercast.toml. A test of unit_app fails while they differ.
#   tools/config_docs.sh [PROGRAM]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${1:-build/release/ordercast} page=docs/configuration.md

"$program" print-config --example >deploy/ordercast.toml
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
"$program" print-config --markdown >"$tables"
awk -v tables="$tables" '
  /^<!-- end of options -->/ { between = 0 }
  !between { print }
  /^<!-- options/ { between = 1; while ((getline line < tables) > 0) print line }' "$page" >"$tables.page"
cat "$tables.page" >"$page"
rm "$tables.page"
