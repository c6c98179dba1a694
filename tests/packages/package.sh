# shellcheck shell=bash
# package_build BUILD: makes the Debian package of a build folder. $package is its path, alone in $package_dir, which
# is removed when the script ends. After guest.sh, whose end it shares.

package_build() {
  package_dir=$(mktemp -d)
  trap package_remove EXIT
  cpack --config "$1/CPackConfig.cmake" -G DEB -B "$package_dir" >"$package_dir/log" 2>&1 || {
    cat "$package_dir/log"
    exit 1
  }
  # shellcheck disable=SC2034  # for whoever sources this
  package=$(echo "$package_dir"/ordercast_*.deb)
  rm -rf "$package_dir/_CPack_Packages" "$package_dir/log"
}

package_remove() {
  guest_stop
  rm -rf "$package_dir"
}
