#include "http/metrics_handler.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "http/json_error.h"

namespace ordercast::http {
namespace {

constexpr std::array kForwarded{
    "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"};

// "localhost:8080", "127.0.0.1", "[::1]:8080".
bool names_this_machine(std::string_view host) {
  const auto port = host.rfind(':');
  if (port != host.npos && host.find(']', port) == host.npos) host = host.substr(0, port);
  in_addr address{};
  // A name can begin with "127.", too.
  const bool numeric = ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
  return host == "localhost" || host == "[::1]" || (numeric && host.starts_with("127."));
}

}  // namespace

bool asked_on_this_machine(const Request& request) {
  const bool forwarded = std::any_of(kForwarded.begin(), kForwarded.end(), [&](const char* name) {
    return request.header(name).has_value();
  });
  return !forwarded && names_this_machine(request.header("Host").value_or(""));
}

void add_metrics_route(Server& server, MetricsAudience audience,
                       std::function<std::string()> text) {
  server.route("GET", "/metrics", [audience, text = std::move(text)](const Request& request) {
    if (audience == MetricsAudience::kThisMachine && !asked_on_this_machine(request)) {
      return json_error(404, "not_found",
                        "The metrics are shown on this machine only; --metrics-listen gives them a "
                        "port of their own.");
    }
    return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                    .body = text(),
                    .headers = {{"Cache-Control", "no-store"}}};
  });
}

}  // namespace ordercast::http
