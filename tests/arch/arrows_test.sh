#!/usr/bin/env bash
# Plants one broken include after the other and expects arrows.sh to name it; what is allowed must pass.
set -euo pipefail
checker=$(dirname "${BASH_SOURCE[0]}")/arrows.sh
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
passed=0 failed=0

# check RESULT FILE INCLUDE...: RESULT is "allowed", or what arrows.sh must say about FILE.
check() {
  local expected=$1 file=$2 output result=allowed
  shift 2
  rm -rf "${root:?}"/*
  mkdir -p "$root/src" "$root/tests" "$root/${file%/*}"
  printf '#include %s\n' "$@" >"$root/$file"
  output=$("$checker" "$root") || result=broken
  if [[ $expected == allowed && $result == allowed ]] ||
    [[ $expected != allowed && $result == broken && $output == "$file:1: $expected"* ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$file with $*: expected '$expected', got $result: $output"
  fi
}

check allowed src/base/clock.cc '"base/clock.h"' '<chrono>' '<fmt/format.h>'
check allowed src/core/change.cc '"core/change.h"' '"base/mutex.h"' '<nlohmann/json.hpp>'
check allowed src/hub/hub.cc '"hub/hub.h"' '"core/change.h"'
check allowed src/pg/listener.h '"core/change_sink.h"' '<pqxx/pqxx>'
check allowed src/http/server.cc '"http/server.h"' '"hub/hub.h"' '<httplib.h>'
check allowed src/app/serve.cc '"http/server.h"' '"pg/listener.h"' '"hub/hub.h"'
check allowed src/app/load_command.cc '"load/crowd.h"' '"client/event_source.h"'
check allowed src/client/transfer.cc '"client/transfer.h"' '"core/sse_parser.h"' '<curl/curl.h>'
check allowed tests/integration/serve_test.cc '<pqxx/pqxx>' '"support/cluster.h"' '"pg/listener.h"'

check 'base may not know core' src/base/clock.h '"core/change.h"'
check 'core may not know hub' src/core/change.h '"hub/hub.h"'
check 'hub may not know pg' src/hub/hub.cc '"pg/listener.h"'
check 'hub may not know http' src/hub/hub.cc '"http/server.h"'
check 'pg may not know hub' src/pg/listener.cc '"hub/hub.h"'
check 'http may not know pg' src/http/server.cc '"pg/listener.h"'
check 'http may not know app' src/http/server.cc '"app/serve.h"'
check 'core may not know pg' src/core/deep/er.cc '"pg/listener.h"'
check 'own headers are included as "layer/file.h"' src/hub/hub.cc '"hub.h"'
check 'own headers are included as "layer/file.h"' src/hub/hub.cc '"../pg/listener.h"'
check 'httplib.h is known only to src/http/*.cc' src/http/server.h '<httplib.h>'
check 'httplib.h is known only to src/http/*.cc' src/app/serve.cc '<httplib.h>'
check 'httplib.h is known only to src/http/*.cc' tests/unit/http/server_test.cc '<httplib.h>'
check 'cpp-jwt is known only to src/auth' src/http/server.cc '<jwt/jwt.hpp>'
check 'OpenSSL is known only to src/auth' src/auth/key.h '<openssl/evp.h>'
check 'OpenSSL is known only to src/auth' src/http/server.cc '<openssl/ssl.h>'
check 'OpenSSL is known only to src/auth' src/http/tls_session.h '<openssl/ssl.h>'
check 'auth may not know http' src/auth/token.cc '"http/server.h"'
check 'libcurl is known only to src/client/*.cc' src/client/transfer.h '<curl/curl.h>'
check 'libcurl is known only to src/client/*.cc' src/app/tail_command.cc '<curl/curl.h>'
check 'load may not know http' src/load/crowd.cc '"http/server.h"'
check 'client may not know load' src/client/transfer.cc '"load/crowd.h"'
check 'http may not know client' src/http/server.cc '"client/transfer.h"'
check 'pqxx is known only to src/pg' src/hub/hub.cc '<pqxx/pqxx>'
check 'pqxx is known only to src/pg' src/app/serve.cc '<pqxx/connection>'
check 'a source file is not included' tests/unit/hub/hub_test.cc '"hub/hub.cc"'

# Neither a folder that is no layer nor an empty tree passes.
rm -rf "${root:?}"/* && mkdir -p "$root/src/misc" "$root/tests" && : >"$root/src/misc/x.h"
echo 'int x;' >"$root/src/misc/x.h"
for tree in "misc folder" "empty tree"; do
  if "$checker" "$root" >/dev/null 2>&1; then
    failed=$((failed + 1)) && echo "the $tree passed"
  else
    passed=$((passed + 1))
  fi
  rm -f "$root/src/misc/x.h"
done

echo "$passed passed, $failed failed"
((failed == 0))
