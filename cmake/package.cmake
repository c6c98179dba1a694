# `cmake --install`, and `cpack -G DEB`: the Debian package. Its control files are in deploy/debian/.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ordercast)
set(CPACK_PACKAGE_CONTACT "Ordercast maintainers <maintainers@ordercast.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "streams the changes of PostgreSQL tables to browsers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Ordercast stands beside a PostgreSQL database and sends what commits in the
tables that it is told to watch to browsers, curl and any client of
Server-Sent Events: each change once, in order, within milliseconds. A client
that was away continues where it was.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.52)")
# For those who name no database.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS postgresql)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)

# Debian's policy wants what is long packed, and a changelog in its own form. With SOURCE_DATE_EPOCH the package
# is the same whenever it is built.
set(packed ${CMAKE_BINARY_DIR}/packed)
string(TIMESTAMP release_date "%a, %d %b %Y 00:00:00 +0000" UTC)
configure_file(deploy/debian/changelog.in ${packed}/changelog @ONLY)
# ordercast_pack(SOURCE NAME): packed/NAME.gz.
function(ordercast_pack source name)
  add_custom_command(
    OUTPUT ${packed}/${name}.gz
    COMMAND gzip -9nc ${source} > ${packed}/${name}.gz
    DEPENDS ${source} ${ARGN}
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY ordercast_packed ${packed}/${name}.gz)
endfunction()
ordercast_pack(${packed}/changelog changelog)
ordercast_pack(${PROJECT_SOURCE_DIR}/CHANGELOG.md CHANGELOG.md)
ordercast_pack(${CMAKE_BINARY_DIR}/share/ordercast.1 ordercast.1)
get_property(all_packed GLOBAL PROPERTY ordercast_packed)
add_custom_target(packed ALL DEPENDS ${all_packed})

set(doc share/doc/ordercast)
set(completions ${CMAKE_BINARY_DIR}/share/completions)
install(FILES ${packed}/ordercast.1.gz DESTINATION share/man/man1)
install(FILES ${completions}/bash DESTINATION share/bash-completion/completions RENAME ordercast)
install(FILES ${completions}/zsh DESTINATION share/zsh/vendor-completions RENAME _ordercast)
install(FILES ${completions}/fish DESTINATION share/fish/vendor_completions.d RENAME ordercast.fish)
install(TARGETS ordercast RUNTIME DESTINATION bin)
install(FILES deploy/systemd/ordercast.service DESTINATION /lib/systemd/system)
install(FILES ${packed}/changelog.gz ${packed}/CHANGELOG.md.gz ${debian}/copyright
  docs/operations.md docs/configuration.md docs/quick-start.md docs/protocol.md DESTINATION ${doc})
install(FILES deploy/ordercast.toml DESTINATION /etc/ordercast PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES ${debian}/lintian-overrides DESTINATION share/lintian/overrides RENAME ordercast)

include(CPack)
