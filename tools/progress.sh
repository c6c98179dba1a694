# shellcheck shell=bash
# step: runs one long command with its output in a log, and shows that it is alive.

readonly log_dir=build/log
readonly plain_interval_s=30  # often enough to see that CI is alive, seldom enough to read its log

# step FILE LABEL COMMAND...: the command's status. Its output is in build/log/FILE.log; a failure shows the
# part that matters. The command runs in the foreground, so that Ctrl-C reaches it.
step() {
  local log=$log_dir/$1.log label=$2 started=$SECONDS status=0 ticker
  shift 2
  mkdir -p "$log_dir"
  : >"$log"
  if [[ -t 1 ]]; then
    spin "$label" "$log" &
  else
    printf '%s …\n' "$label"
    report "$label" "$log" &
  fi
  ticker=$!
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ ! -t 1 ]] || printf '\r\e[K'
  if ((status == 0)); then
    printf '%s: done, %d s\n' "$label" $((SECONDS - started))
  else
    printf '%s: failed after %d s; all of its output: %s\n' "$label" $((SECONDS - started)) "$log"
    excerpt "$log"
  fi
  return "$status"
}

# What a person needs of a failed log: the compiler's errors or apt's, else the end.
excerpt() {
  local lines=60 apt_error='^(E: |dpkg: error)|^ [a-z0-9.+-]+ : (Pre)?Depends: '
  if grep -q '^FAILED: ' "$1"; then
    sed -n '/^FAILED: /,$p' "$1" | head -n "$lines"
  elif grep -Eq "$apt_error" "$1"; then
    grep -E "$apt_error" "$1" | head -n 10
  else
    tail -n "$lines" "$1"
  fi
}

last_line() { tail -c 400 "$1" | tr '\r' '\n' | grep -v '^ *$' | tail -n 1; }

# Both tickers end with their parent, also when it was killed. `pause` is a sleep without a process.
exec {never}<> <(:)
pause() { read -rt "$1" -u "$never" || true; }

spin() {
  local started=$SECONDS frame=0 frames="|/-\\" line
  while kill -0 $$ 2>/dev/null; do
    line="${frames:frame++%4:1} $1, $((SECONDS - started)) s  $(last_line "$2")"
    printf '\r\e[K%s' "${line:0:$((${COLUMNS:-$(tput cols 2>/dev/null || echo 80)} - 1))}"
    pause 0.2
  done
}

report() {
  local started=$SECONDS
  while pause "$plain_interval_s" && kill -0 $$ 2>/dev/null; do
    printf '%s, %d s: %s\n' "$1" $((SECONDS - started)) "$(last_line "$2")"
  done
}
