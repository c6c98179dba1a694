#include "http/status_handler.h"

#include "http/json_error.h"

namespace ordercast::http {
namespace {

const std::vector<Header> kNotCached = {{"Cache-Control", "no-store"}};

Response readiness(const hub::Hub& hub) {
  const auto status = hub.status();
  if (status.draining) return json_error(503, "draining", "the server is about to end");
  if (!status.started) return json_error(503, "starting", "the database was not reached yet");
  if (!status.database_up)
    return json_error(503, "database_down", "the database cannot be reached now");
  return {.body = R"({"status":"ready"})", .headers = kNotCached};
}

}  // namespace

void add_status_routes(Server& server, hub::Hub& hub) {
  server.route_always("GET", "/livez", [](const Request&) {
    return Response{.body = R"({"status":"live"})", .headers = kNotCached};
  });
  server.route("GET", "/readyz", [&hub](const Request&) { return readiness(hub); });
}

}  // namespace ordercast::http
