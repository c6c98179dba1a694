#include "http/write_guard.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "http/header_rules.h"
#include "http/json_error.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kSpace = " \t\r\n";

// The host and port of an origin, without the port that its scheme has anyway.
std::string_view authority_of(std::string_view origin, std::string_view default_port) {
  if (origin.ends_with(default_port)) origin.remove_suffix(default_port.size());
  return origin;
}

// "http://shop.example:8080" and "shop.example:8080".
bool same_host(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == origin.npos) return false;  // "null"
  const auto* default_port =
      same_header_name(origin.substr(0, scheme_end), "https") ? ":443" : ":80";
  return same_header_name(authority_of(origin.substr(scheme_end + 3), default_port),
                          authority_of(host, default_port));
}

bool from_another_site(const Request& request) {
  if (const auto site = request.header("Sec-Fetch-Site")) {
    return *site != "same-origin" && *site != "none";
  }
  const auto origin = request.header("Origin");
  return origin && !same_host(*origin, request.header("Host").value_or(""));
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
