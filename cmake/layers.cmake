# One library target per folder below src/. Sources are globs: a new file needs no CMake edit.

# ordercast_layer(NAME [PUBLIC libs...] [PRIVATE libs...]): the static library of one folder below src/.
function(ordercast_layer name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS src/${name}/*.cc src/${name}/*.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")  # so that tests can link the layer
  add_library(ordercast_${name} STATIC ${sources})
  set_target_properties(ordercast_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(ordercast_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(ordercast_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# ordercast_embed(TARGET SYMBOL fn ROOT dir PATTERNS globs...): files as a library with one function, `fn()`.
function(ordercast_embed target)
  cmake_parse_arguments(arg "" "SYMBOL;ROOT" "PATTERNS" ${ARGN})
  list(TRANSFORM arg_PATTERNS PREPEND ${PROJECT_SOURCE_DIR}/)
  file(GLOB files CONFIGURE_DEPENDS ${arg_PATTERNS})
  set(output ${CMAKE_BINARY_DIR}/embedded/${arg_SYMBOL}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DSYMBOL=${arg_SYMBOL} -DROOT=${PROJECT_SOURCE_DIR}/${arg_ROOT}
            "-DFILES=${files}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding ${arg_ROOT}/"
    VERBATIM)
  add_library(${target} STATIC ${output})
  target_link_libraries(${target} PUBLIC ordercast_base)
endfunction()
