#!/usr/bin/env bash
# image_build.sh BUILD FOLDER ARCHIVE: builds the image in FOLDER and saves it as ARCHIVE; see image_test.sh. Runs in a
# mount namespace of its own, so the machine's own containers, if it has any, are not touched.
set -euo pipefail
build=$1 dir=$2 archive=$3
# In memory, for layers are overlays, which cannot stand on a file system that is an overlay itself.
mkdir -p /var/lib/containers
mount -t tmpfs -o mode=755 none /var/lib/containers
mount -t tmpfs -o mode=1777 none /dev/shm  # podman's locks

CONTAINERS_CONF=$(realpath "${BASH_SOURCE[0]%/*}/containers.conf")
export CONTAINERS_CONF
with_podman() { podman --runroot "$dir/run" --tmpdir "$dir/tmp" "$@"; }
# Chroot: what the Dockerfile runs needs no container, only the network that apt has here.
podman_build() { with_podman build --isolation chroot "$@"; }

# The image that FROM names, made of Debian's packages: no registry has to be reached. From where apt has them here,
# and as Debian's slim one without what is only read by people.
base_image() {
  local -a sources=()
  # shellcheck disable=SC2016  # apt's own placeholders
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | sort -u >"$dir/sources.list"
  [[ ! -s $dir/sources.list ]] || sources=("$dir/sources.list")
  mmdebstrap --quiet --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$dir/base.tar" "${sources[@]}"
  with_podman import "$dir/base.tar" "$(awk '$1 == "FROM" { image = $2 } END { print image }' Dockerfile)"
  rm "$dir/base.tar"
}

# What ninja makes the program of, below the folder that the build folder was configured for.
inputs() {
  ninja -C "$1" -t inputs ordercast | grep -v '^/usr/' | sed "s|^$2/||" | sort
}

# The first stage without its compiler, which would take minutes and then make what BUILD has: what it is given
# (.dockerignore) is configured as it says, and would be compiled from the same files.
check_first_stage() {
  printf 'FROM scratch\nCOPY . /\n' | podman_build --file - --output "$dir/context" .
  local command
  command=$(sed -n 's/^RUN \(cmake .*\)/\1/p' Dockerfile)
  (cd "$dir/context" && bash -euo pipefail -c "$command -- -n" >"$dir/log" 2>&1) || {
    cat "$dir/log"
    exit 1
  }
  diff <(inputs "$build" "$PWD") <(inputs "$dir/context/build/release" "$dir/context")
}

check_first_stage
base_image
# A build context with the name of a stage stands in for it.
mkdir -p "$dir/first_stage/src/build/release"
cp "$build/ordercast" "$dir/first_stage/src/build/release/"
podman_build --format docker --build-context "build=$dir/first_stage" --tag ordercast .
with_podman save --quiet --output "$archive" ordercast
