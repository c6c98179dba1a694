#include "http/cors.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace ordercast::http {
namespace {

// What our routes take, and what they answer that a page may want to read.
constexpr char kMethods[] = "GET, POST, PATCH, DELETE";
constexpr char kRequestHeaders[] = "Authorization, Content-Type, If-Match, Last-Event-ID";
constexpr char kAnswerHeaders[] = "ETag, Link, Location, Retry-After, WWW-Authenticate";
// Seconds for which a browser need not ask again: Chromium remembers no longer than two hours.
constexpr char kMaxAge[] = "7200";

}  // namespace

Cors::Cors(OriginList origins, bool cookies) : origins_(std::move(origins)), cookies_(cookies) {
  if (cookies_ && origins_.all()) {
    throw std::invalid_argument(
        "--cors-origin '*' with sessions would let every site read with the cookie of whoever "
        "looks "
        "at it: name the origins, or add --no-sessions");
  }
}

std::vector<Header> Cors::headers_for(const Request& request) const {
  if (origins_.empty()) return {};
  std::vector<Header> headers = {{"Vary", "Origin"}};
  const auto origin = request.header("Origin");
  if (!origin || (!origins_.all() && !origins_.names(*origin))) return headers;
  headers.push_back({"Access-Control-Allow-Origin", origins_.all() ? "*" : std::string(*origin)});
  if (cookies_) headers.push_back({"Access-Control-Allow-Credentials", "true"});
  headers.push_back({"Access-Control-Expose-Headers", kAnswerHeaders});
  if (request.method == "OPTIONS" && request.header("Access-Control-Request-Method")) {
    headers.push_back({"Access-Control-Allow-Methods", kMethods});
    headers.push_back({"Access-Control-Allow-Headers", kRequestHeaders});
    headers.push_back({"Access-Control-Max-Age", kMaxAge});
  }
  return headers;
}

}  // namespace ordercast::http
