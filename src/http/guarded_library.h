// The only door to cpp-httplib: runs one request through the library and gives back the bytes of
// its answer. Thread-safe once constructed.
//
// The library never touches a socket, and never sees a byte that a client chose freely. It reads a
// request that we write ourselves: the method, the path percent-encoded anew, and Host. Not the
// query (it refuses a second '?', and loses the order), not the headers (it percent-decodes them),
// not Accept-Encoding (it would compress each answer anew, with brotli at its slowest), not the
// body. What it is for: the answer's head and framing, HEAD, and its barrier against exceptions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/response.h"

namespace ordercast::http {

// The answer to whatever went wrong inside: says nothing of what it was.
[[nodiscard]] Response internal_error();

class GuardedLibrary {
 public:
  GuardedLibrary();
  ~GuardedLibrary();
  GuardedLibrary(const GuardedLibrary&) = delete;
  GuardedLibrary& operator=(const GuardedLibrary&) = delete;

  // The whole answer as bytes. When `respond` throws, it is 500 and `what()` goes to the log only.
  // Throws std::bad_alloc.
  [[nodiscard]] std::string answer(std::string_view method, std::string_view path,
                                   const std::function<Response()>& respond) const;

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace ordercast::http
