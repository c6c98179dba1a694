#include "http/status_handler.h"

#include <utility>

#include "http/json_error.h"

namespace ordercast::http {
namespace {

const std::vector<Header> kNotCached = {{"Cache-Control", "no-store"}};

Response readiness(const hub::Hub& hub, const ReadinessCheck& check) {
  if (const auto found = why_not_ready(hub.status(), check)) {
    return json_error(503, found->code, found->detail);
  }
  return {.body = R"({"status":"ready"})", .headers = kNotCached};
}

}  // namespace

std::optional<NotReady> why_not_ready(const hub::Hub::Status& status, const ReadinessCheck& check) {
  if (status.draining) return NotReady{"draining", "the server is about to end"};
  if (auto found = check()) return found;
  if (!status.started) return NotReady{"starting", "the database was not reached yet"};
  if (!status.database_up) {
    return NotReady{"database_down", "the database cannot be reached now"};
  }
  return std::nullopt;
}

bool fans_out(const hub::Hub::Status& status, std::chrono::steady_clock::time_point now) {
  return now - status.fan_out_last_round <= kStuck;
}

Response liveness(const hub::Hub::Status& status, std::chrono::steady_clock::time_point now) {
  if (!fans_out(status, now)) {
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
