#!/usr/bin/env bash
# image_test.sh BUILD: the Dockerfile makes an image, of the packages in tools/packages.txt and of nothing that
# .dockerignore keeps from it. BUILD/image/ordercast.tar is that image; container_test.sh and compose_test.sh run it.
#
# Takes root, and a kernel that lets us mount; without, the test says "not run: …", which ctest shows as skipped.
set -euo pipefail
build=$1

joined=$(sed -e ':again' -e '/\\$/{N; s/\\\n//; b again}' Dockerfile)
while IFS= read -r install; do
  [[ $install =~ --no-install-recommends\ +\$\(awk\ [^\)]*packages\.txt\) ]] || {
    echo "Dockerfile: installs what is not in tools/packages.txt: $install"
    exit 1
  }
done < <(grep -o 'apt-get install[^&]*' <<<"$joined")

if ((EUID != 0)) || ! unshare --mount --ipc true 2>/dev/null; then
  echo "not run: building an image takes root, and namespaces (a privileged container, say)"
  exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
rm -rf "$build/image"
mkdir "$build/image"
unshare --mount --ipc "${BASH_SOURCE[0]%/*}/image_build.sh" "$build" "$dir" "$build/image/ordercast.tar"
echo passed
