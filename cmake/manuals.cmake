# What is installed beside the program, and the program itself prints: share/ordercast.1 and
# share/completions/{bash,zsh,fish} in the build folder, made anew with each new program.
set(share ${CMAKE_BINARY_DIR}/share)
set(manuals ${share}/ordercast.1)
set(print_manuals COMMAND ordercast man > ${share}/ordercast.1)
foreach(shell IN ITEMS bash zsh fish)
  list(APPEND manuals ${share}/completions/${shell})
  list(APPEND print_manuals COMMAND ordercast completion ${shell} > ${share}/completions/${shell})
endforeach()
add_custom_command(
  OUTPUT ${manuals}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${share}/completions
  ${print_manuals}
  DEPENDS ordercast
  COMMENT "Printing the manual page and the completions")
add_custom_target(manuals ALL DEPENDS ${manuals})
