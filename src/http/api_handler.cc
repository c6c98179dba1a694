#include "http/api_handler.h"

#include <string>

#include "base/embedded_file.h"

namespace ordercast::http {

void add_api_route(Server& server) {
  for (const auto& file : api_files()) {
    server.route("GET", "/" + std::string(file.name), [&file](const Request&) {
      // It changes with the binary.
      return Response{.body = std::string(file.bytes), .headers = {{"Cache-Control", "no-cache"}}};
    });
  }
}

}  // namespace ordercast::http
