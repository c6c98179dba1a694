#include "http/access.h"

#include <algorithm>
#include <utility>

#include "http/desk_answers.h"
#include "http/header_rules.h"
#include "http/json_error.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kStreams = "/v1/streams/";
constexpr std::string_view kOrders = "/v1/orders";
constexpr std::string_view kTickets = "/v1/tickets";

// The stream that the route is of; none: of all, or of none.
std::optional<std::string_view> stream_of(const Request& request) {
  if (request.path.starts_with(kStreams)) return request.path_parameter;
  if (request.path.starts_with(kOrders)) return "orders";
  return std::nullopt;
}

bool writes(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.path != kTickets;
}

// RFC 6750 section 3.1.
Response beyond(std::string_view detail) {
  auto response = json_error(403, "not_granted", detail);
  response.headers.push_back(
      {"WWW-Authenticate", R"(Bearer realm="ordercast", error="insufficient_scope")"});
  return response;
}

// Without its port.
std::string_view name_of(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  return host.substr(0, colon);
}

}  // namespace

bool needs_grant(const std::vector<std::string>& segments) {
  return !segments.empty() && segments[0] == "v1" &&
         !(segments.size() == 2 && segments[1] == "session");
}

std::optional<Response> refuse_beyond(const Grant& grant, const Request& request, bool desk) {
  const auto stream = stream_of(request);
  if (stream && grant.streams &&
      std::find(grant.streams->begin(), grant.streams->end(), *stream) == grant.streams->end()) {
    return beyond("The token is not for this stream (ordercast.streams).");
  }
  if (!writes(request)) return std::nullopt;
  if (!desk) return desk_closed();
  if (!grant.write) return beyond("The token does not let its bearer write (ordercast.write).");
  return std::nullopt;
}

OpenAccess::OpenAccess(bool desk, std::vector<std::string> hosts)
    : desk_(desk), grant_(everything(desk)), hosts_(std::move(hosts)) {}

std::variant<GrantPtr, Response> OpenAccess::admit(Request& request) const {
  const auto host = name_of(request.header("Host").value_or("localhost"));
  const auto known = [&](const std::string& name) { return same_header_name(name, host); };
  if (!hosts_.empty() && std::none_of(hosts_.begin(), hosts_.end(), known)) {
    return json_error(403, "unknown_host",
                      "This server does not answer to the name in Host, so that no page of another "
                      "site can reach it by a name of its own: start it with --allowed-host NAME.");
  }
  if (auto refusal = refuse_beyond(*grant_, request, desk_)) return *std::move(refusal);
  return grant_;
}

std::vector<std::string> loopback_hosts() {
  return {"localhost", "127.0.0.1", "[::1]"};
}

}  // namespace ordercast::http
