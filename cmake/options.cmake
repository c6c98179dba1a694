# Build type, warnings, hardening, sanitizers and the compiler cache, for every target of the project.
option(ORDERCAST_WERROR "Treat warnings as errors" ON)
set(ORDERCAST_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_compile_options(-Wall -Wextra -Wformat -Werror=format-security)
if(ORDERCAST_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlapping memcpy in `"literal" + string` where there is none: GCC bug 105651, fixed in 13.
  add_compile_options(-Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # The annotations of base/mutex.h: a wrong one is an error, whatever ORDERCAST_WERROR says.
  add_compile_options(-Wthread-safety -Wthread-safety-beta -Werror=thread-safety
    -Werror=thread-safety-beta)
endif()

# libstdc++ aborts on an index out of range or an empty optional instead of going on with garbage.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_compile_options(-fPIE)
add_link_options(-pie -Wl,--as-needed)
if(ORDERCAST_SANITIZE)
  # -O1: stacks stay readable, and the 100,000-row tests stay within their timeouts. -g1: line numbers are enough.
  add_compile_options(-O1 -g1 -fsanitize=${ORDERCAST_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ORDERCAST_SANITIZE})
  if(ORDERCAST_SANITIZE MATCHES undefined)
    # This check looks at memory through a pipe, and takes a good object for a bad one when there are no
    # descriptors left: that is what some tests bring about.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # With the sanitizers' code in between, g++ 12 takes members of <regex> for uninitialised: GCC bug 105562.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
else()
  # Debian's hardening=+all, spelled out, with stack-clash and CET; tests/arch/hardening.sh proves it.
  # -D_FORTIFY_SOURCE needs an optimising build, and some compilers predefine it.
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|i.86")
    add_compile_options(-fcf-protection)
  endif()
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

# The source folder's path stays out of the objects: builds are reproducible, and a second clone
# finds what the first one has put into the compiler cache.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
find_program(ORDERCAST_CCACHE ccache)
if(ORDERCAST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${ORDERCAST_CCACHE})
endif()
