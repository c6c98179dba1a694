# shellcheck shell=bash
# need: installs what is missing of the package sets in tools/packages.txt.

# need SET...: installs with apt what is missing; one dpkg-query when nothing is.
need() {
  local -a wanted missing
  if ! command -v dpkg-query >/dev/null; then
    echo "dev: this is not Debian; going on with the tools and libraries that are there" \
      "(tools/packages.txt lists them)" >&2
    return
  fi
  mapfile -t wanted < <(packages_of "$@")
  mapfile -t missing < <(missing_of_packages "${wanted[@]}")
  if ((${#missing[@]} > 0)); then
    install_packages "${missing[@]}"
  fi
}

packages_of() {
  local sets=" $* "
  awk -v sets="$sets" 'index(sets, " " $1 " ") { print $2 }' tools/packages.txt
}

# missing_of_packages PACKAGE...: those that are not installed.
missing_of_packages() {
  # Names that dpkg has never heard of are an error to it, and the ones we look for.
  awk 'FILENAME == ARGV[1] { if ($2 == "installed") there[$1] = 1; next } !($1 in there)' \
    <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true) \
    <(printf '%s\n' "$@")
}

install_packages() {
  local -a as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "dev: missing packages: $*" >&2
      echo "dev: installing them takes root, or sudo, and there is neither. As root:" >&2
      echo "  apt-get install --no-install-recommends $*" >&2
      return 1
    fi
    as_root=(sudo)
    sudo -v || return 1  # asks for the password here, before the spinner takes the line
  fi
  echo "Missing packages: $*"
  # Other package sources of the machine may be down: what counts is whether the install succeeds.
  step apt-update "Updating the package lists" apt_get update || true
  without_default_cluster without_services step apt-install "Installing $# packages" \
    apt_get --yes --no-install-recommends install "$@" || install_failed "$@"
}

apt_get() {
  # Another apt may hold the lock, for example the machine's own nightly one.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get --quiet \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

install_failed() {
  local -a missing
  mapfile -t missing < <(missing_of_packages "$@")
  echo "dev: not installed: ${missing[*]}" >&2
  grep -q '^VERSION_ID="12"' /etc/os-release || echo "dev: Ordercast is built for Debian 12, which this is not" >&2
  return 1
}

# Debian's postgresql-15 makes and starts a server for the whole machine when it is installed. Ordercast starts
# its own, so unless the machine has such servers already, that is switched off while we install.
without_default_cluster() {
  local dropin=/etc/postgresql-common/createcluster.d/ordercast-dev.conf status=0
  [[ -e /etc/postgresql-common/createcluster.conf ]] || dropin_needed=1
  if [[ ${dropin_needed:-} ]]; then
    "${as_root[@]}" mkdir -p "${dropin%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$dropin" >/dev/null
  fi
  "$@" || status=$?
  [[ ! ${dropin_needed:-} ]] || "${as_root[@]}" rm -f "$dropin"
  return "$status"
}

# Debian starts a service as it is installed, nginx on port 80: not for a benchmark.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0 ours=''
  if [[ ! -e $policy ]]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  "$@" || status=$?
  [[ ! $ours ]] || "${as_root[@]}" rm -f "$policy"
  return "$status"
}

# The Node.js that is there, when it is new enough to run the browser tests.
node_is_there() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'
}
