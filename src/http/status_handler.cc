#include "http/status_handler.h"

#include <utility>

#include "http/json_error.h"

namespace ordercast::http {
namespace {

const std::vector<Header> kNotCached = {{"Cache-Control", "no-store"}};

// Why no stream can be served now.
std::optional<NotReady> trouble(const hub::Hub::Status& status, const ReadinessCheck& check) {
  if (status.draining) return NotReady{"draining", "the server is about to end"};
  if (auto found = check()) return found;
  if (!status.started) return NotReady{"starting", "the database was not reached yet"};
  if (!status.database_up) {
    return NotReady{"database_down", "the database cannot be reached now"};
  }
  return std::nullopt;
}

Response readiness(const hub::Hub& hub, const ReadinessCheck& check) {
  if (const auto found = trouble(hub.status(), check)) {
    return json_error(503, found->code, found->detail);
  }
  return {.body = R"({"status":"ready"})", .headers = kNotCached};
}

}  // namespace

Response liveness(const hub::Hub::Status& status, std::chrono::steady_clock::time_point now) {
  if (now - status.fan_out_last_round > kStuck) {
    return json_error(503, "stuck", "the fan-out has not done a round for too long: restart");
  }
  return {.body = R"({"status":"live"})", .headers = kNotCached};
}

void add_status_routes(Server& server, hub::Hub& hub, ReadinessCheck check) {
  server.route_always("GET", "/livez", [&hub](const Request&) {
    return liveness(hub.status(), std::chrono::steady_clock::now());
  });
  server.route("GET", "/readyz",
               [&hub, check = std::move(check)](const Request&) { return readiness(hub, check); });
}

}  // namespace ordercast::http
