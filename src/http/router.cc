#include "http/router.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/json_error.h"
#include "http/request_target.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kGet = "GET";
constexpr std::string_view kHead = "HEAD";
constexpr std::string_view kOptions = "OPTIONS";

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> pattern_segments(std::string_view pattern) {
  auto parsed = parse_request_target(pattern);
  auto* target = std::get_if<RequestTarget>(&parsed);
  if (target == nullptr || pattern.find_first_of("?%") != pattern.npos) {
    throw std::invalid_argument("not a route: " + std::string(pattern));
  }
  return std::move(target->segments);
}

bool answers(std::string_view route_method, std::string_view method) {
  return route_method == method || (route_method == kGet && method == kHead);
}

std::string allow_list(const std::vector<std::string_view>& methods) {
  std::string allow;
  for (const auto method : methods) {
    allow.append(method).append(", ");
    if (method == kGet) allow.append(kHead).append(", ");
  }
  return allow.append(kOptions);
}

// Without a word about other origins: a browser that asks for a page of one is thereby told no.
Response options(const std::string& allow) {
  return {.status = 204, .content_type = {}, .body = {}, .headers = {{"Allow", allow}}};
}

Response method_not_allowed(const std::string& allow) {
  auto response =
      json_error(405, "method_not_allowed", "This path takes only these methods: " + allow + ".");
  response.headers.push_back({"Allow", allow});
  return response;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  Route route{.method = std::string(method),
              .pattern = std::string(pattern),
              .segments = pattern_segments(pattern),
              .parameter = -1,
              .handler = std::move(handler)};
  const auto parameters = std::count_if(route.segments.begin(), route.segments.end(), is_parameter);
  const bool known = std::any_of(routes_.begin(), routes_.end(), [&](const Route& other) {
    return other.method == method && other.pattern == pattern;
  });
  if (parameters > 1 || known || !route.handler) {
    throw std::invalid_argument("not a route, or there already: " + route.pattern);
  }
  if (parameters == 0) {
    const auto first_with_parameter = std::find_if(
        routes_.begin(), routes_.end(), [](const Route& other) { return other.parameter >= 0; });
    routes_.insert(first_with_parameter, std::move(route));
    return;
  }
  const auto at = std::find_if(route.segments.begin(), route.segments.end(), is_parameter);
  route.parameter = static_cast<int>(at - route.segments.begin());
  routes_.push_back(std::move(route));
}

bool Router::fits(const Route& route, const std::vector<std::string>& segments) {
  if (route.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool free = static_cast<int>(i) == route.parameter;
    if (free ? segments[i].empty() : segments[i] != route.segments[i]) return false;
  }
  return true;
}

std::variant<Router::Match, Response> Router::find(std::string_view method,
                                                   const std::vector<std::string>& segments) const {
  std::vector<std::string_view> allowed;
  for (const auto& route : routes_) {
    if (!fits(route, segments)) continue;
    if (answers(route.method, method)) {
      const auto parameter = static_cast<std::size_t>(route.parameter);
      return Match{&route.handler, route.parameter < 0 ? std::string() : segments[parameter]};
    }
    allowed.push_back(route.method);
  }
  if (allowed.empty()) return not_found();
  const auto allow = allow_list(allowed);
  return method == kOptions ? options(allow) : method_not_allowed(allow);
}

Response Router::not_found() const {
  std::string message = "Nothing is served at this path. There is:";
  for (const auto& route : routes_) message += " " + route.method + " " + route.pattern + ",";
  message.back() = '.';
  return json_error(404, "not_found", message);
}

}  // namespace ordercast::http
