#include "http/write_guard.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "http/header_rules.h"
#include "http/json_error.h"
#include "http/origin.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kSpace = " \t\r\n";

bool from_another_site(const Request& request) {
  if (const auto site = request.header("Sec-Fetch-Site")) {
    return *site != "same-origin" && *site != "none";
  }
  const auto origin = request.header("Origin");
  return origin && !is_same_host(*origin, request.header("Host").value_or(""));
}

bool is_json(const Request& request) {
  const auto type = request.header("Content-Type").value_or("");
  const auto essence = type.substr(0, type.find(';'));
  const auto last = essence.find_last_not_of(" \t");
  return last != essence.npos && same_header_name(essence.substr(0, last + 1), kJson);
}

// The parser is asked for its verdict only: it needs no stack for a depth of thousands.
bool is_object(std::string_view body) {
  const auto first = body.find_first_not_of(kSpace);
  return first != body.npos && body[first] == '{' && nlohmann::json::accept(body);
}

}  // namespace

std::optional<Response> refuse_write(const Request& request) {
  if (from_another_site(request)) {
    return json_error(403, "cross_site",
                      "A page of another site asks for this: only pages of this server may write.");
  }
  if (!is_json(request)) {
    auto response = json_error(415, "not_json", "Send the header Content-Type: application/json.");
    response.headers.push_back(
        {request.method == "PATCH" ? "Accept-Patch" : "Accept-Post", std::string(kJson)});
    return response;
  }
  if (!is_object(request.body)) {
    return json_error(400, "bad_json",
                      "The body is no JSON object: {\"name\": value, …}, in UTF-8.");
  }
  return std::nullopt;
}

}  // namespace ordercast::http
