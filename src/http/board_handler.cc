#include "http/board_handler.h"

#include <stdexcept>
#include <string>

#include "base/embedded_file.h"

namespace ordercast::http {
namespace {

struct Kind {
  std::string_view suffix;
  const char* content_type;
};

constexpr Kind kKinds[] = {{".html", "text/html; charset=utf-8"},
                           {".js", "text/javascript; charset=utf-8"},
                           {".css", "text/css; charset=utf-8"},
                           {".svg", "image/svg+xml"}};

const char* content_type_of(std::string_view name) {
  for (const auto& kind : kKinds) {
    if (name.ends_with(kind.suffix)) return kind.content_type;
  }
  throw std::logic_error("web/ holds a file of an unknown kind: " + std::string(name));
}

Response file_answer(const EmbeddedFile& file) {
  Response response{
      .content_type = content_type_of(file.name),
      .body = std::string(file.bytes),
      // The files change with the binary: a board half old, half new is worse than a reload.
      .headers = {{"Cache-Control", "no-cache"}}};
  if (file.name.ends_with(".html"))
    response.headers.push_back({"Content-Security-Policy", kHtmlPolicy});
  return response;
}

}  // namespace

void add_board_routes(Server& server) {
  for (const auto& file : web_files()) {
    const auto handler = [&file](const Request&) { return file_answer(file); };
    const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
    server.route("GET", path, handler);
  }
}

}  // namespace ordercast::http
