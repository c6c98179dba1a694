# shellcheck shell=bash
# The verbs that say whether the code is right: test, lint, format.

verb_test() {
  local preset=''
  local -a presets=(release asan tsan clang) results=()
  case ${1:-} in
    '') ;;
    --preset=*) preset=${1#*=} && shift ;;
    --preset) preset=${2:-none} && shift "$(($# < 2 ? $# : 2))" ;;
    *) preset=release ;;
  esac
  case $preset in
    '') ;;
    release | asan | tsan | clang) presets=("$preset") ;;
    *) bad_option test "$preset" || return ;;
  esac
  local -a sets=(run build package test)
  node_is_there || sets+=(node)
  need "${sets[@]}"
  local failed=0 started status
  for preset in "${presets[@]}"; do
    started=$SECONDS status=passed
    "test_$preset" "$@" || { status=FAILED failed=1; }
    results+=("$(printf '%-8s %-7s %4d s' "$preset" "$status" $((SECONDS - started)))")
  done
  printf '\n'
  printf '%s\n' "${results[@]}"
  return "$failed"
}

test_release() {
  install_node_packages tests/browser || return
  install_node_packages tests/versions || return
  build_preset release || return
  run_ctest release "$@"
}

test_asan() {
  build_preset asan || return
  run_ctest asan "$@"
}

test_tsan() {
  build_preset tsan || return
  run_ctest tsan "$@"
}

# The annotations are checked by compiling; of the tests only the fuzzers take clang.
test_clang() {
  build_preset clang ordercast || return
  build_preset clang fuzzers || return
  run_ctest clang "$@"
}

run_ctest() {
  local -a launcher=()
  # g++ 12's ThreadSanitizer cannot map its shadow when the kernel randomises addresses with more bits.
  local tsan_max_random_bits=28
  if [[ $1 == tsan && $(</proc/sys/vm/mmap_rnd_bits) -gt $tsan_max_random_bits ]]; then
    launcher=(setarch "$(uname -m)" --addr-no-randomize)
  fi
  printf '\nTesting build/%s\n' "$1"
  "${launcher[@]}" ctest --preset "$@"
}

# install_node_packages FOLDER: what its package-lock.json names, unless it is there.
install_node_packages() {
  [[ ! $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] || return 0
  step npm "Installing the Node.js packages of $1" npm --prefix "$1" ci --no-audit --no-fund
}

verb_lint() {
  local all=0
  case ${1:-} in
    '') ;;
    --all) all=1 ;;
    *) bad_option lint "$1" || return ;;
  esac
  need build test lint
  local failed=0
  step format "clang-format" xargs -a <(cxx_files) clang-format --dry-run -Werror || failed=1
  step shellcheck "shellcheck" xargs -a <(shell_files) shellcheck -x || failed=1
  step arrows "Include arrows" tests/arch/arrows.sh . || failed=1
  build_preset clang ordercast || failed=1
  step tidy "clang-tidy" tidy "$all" || failed=1
  return "$failed"
}

verb_format() {
  (($# == 0)) || bad_option format "$1" || return
  need lint
  step format "clang-format" xargs -a <(cxx_files) clang-format -i
}

# Tracked and new files, nothing that .gitignore names.
files() { git ls-files --cached --others --exclude-standard --deduplicate -- "$@"; }
cxx_files() { files 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' 'bench/*.cc' 'bench/*.h'; }
shell_files() { files dev .ci/run '*.sh'; }

# tidy ALL: one clang-tidy per core on the sources that the clang preset compiles.
tidy() {
  local -a sources
  if (($1)); then
    mapfile -t sources < <(files 'src/*.cc')
  else
    mapfile -t sources < <(changed_sources)
  fi
  echo "${#sources[@]} files"
  ((${#sources[@]} == 0)) ||
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/clang --quiet
}

changed_sources() {
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || echo HEAD)
  { git diff --name-only --diff-filter=d "$base" -- 'src/*.cc' && git ls-files -o --exclude-standard -- 'src/*.cc'; } | sort -u
}
