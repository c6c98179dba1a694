#include "http/json_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace ordercast::http {
namespace {

// RFC 9110 section 15: of "about:blank" the title is the status's own phrase.
constexpr std::pair<int, std::string_view> kTitles[] = {{400, "Bad Request"},
                                                        {403, "Forbidden"},
                                                        {404, "Not Found"},
                                                        {405, "Method Not Allowed"},
                                                        {406, "Not Acceptable"},
                                                        {408, "Request Timeout"},
                                                        {409, "Conflict"},
                                                        {412, "Precondition Failed"},
                                                        {413, "Content Too Large"},
                                                        {414, "URI Too Long"},
                                                        {415, "Unsupported Media Type"},
                                                        {422, "Unprocessable Content"},
                                                        {429, "Too Many Requests"},
                                                        {431, "Request Header Fields Too Large"},
                                                        {500, "Internal Server Error"},
                                                        {501, "Not Implemented"},
                                                        {503, "Service Unavailable"},
                                                        {505, "HTTP Version Not Supported"}};

std::string_view title_of(int status) {
  const auto found = std::find_if(std::begin(kTitles), std::end(kTitles),
                                  [&](const auto& title) { return title.first == status; });
  return found == std::end(kTitles) ? "Error" : found->second;
}

}  // namespace

std::string json_string(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

Response json_error(int status, std::string_view code, std::string_view detail,
                    const std::vector<ErrorMember>& more) {
  std::string body =
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}","detail":{})",
                  title_of(status), status, code, json_string(detail));
  for (const auto& [name, value] : more) {
    fmt::format_to(std::back_inserter(body), R"(,"{}":{})", name, value);
  }
  body += "}\n";
  return {.status = status,
          .content_type = "application/problem+json",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}},
          .code = std::string(code)};
}

}  // namespace ordercast::http
