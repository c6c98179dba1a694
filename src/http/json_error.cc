#include "http/json_error.h"

#include <nlohmann/json.hpp>

namespace ordercast::http {

Response json_error(int status, std::string_view code, std::string_view message) {
  using nlohmann::json;
  const json body = {{"error", {{"code", code}, {"message", message}}}};
  // `replace`: a message that quotes broken UTF-8 must not turn into an exception.
  return {.status = status,
          .content_type = "application/json",
          .body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n",
          .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace ordercast::http
