#include "http/catalog_handler.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/history_reader.h"
#include "http/granted_stream.h"
#include "http/stream_lookup.h"

namespace ordercast::http {
namespace {

using nlohmann::ordered_json;

// A command that shows the stream to who sends this request. Its host is one that the guard has
// seen: letters, digits and . - _ : [ ], so it needs no quotes.
std::string curl_of(const Request& request, std::string_view path) {
  const bool needs_token = !request.grant->fingerprint.empty();
  return fmt::format("curl -N {}'{}://{}{}?snapshot=true'",
                     needs_token ? R"(-H "Authorization: Bearer $TOKEN" )" : "",
                     request.https ? "https" : "http", request.header("Host").value_or("localhost"),
                     path);
}

ordered_json description_of(const GrantedStream& granted, const Request& request) {
  const StreamInfo& stream = granted.info;
  auto columns = ordered_json::array();
  for (const auto& column : stream.columns) {
    columns.push_back({{"name", column.name}, {"type", column.type}});
  }
  const auto path = "/v1/streams/" + stream.name;
  return {{"name", stream.name},
          {"key", stream.key},
          {"columns", std::move(columns)},
          {"tenant", stream.tenant.empty() ? ordered_json() : ordered_json(stream.tenant)},
          {"path", path},
          {"curl", curl_of(request, path)}};
}

ordered_json retention_of(const LogReach& reach) {
  return {{"age_seconds", reach.keep_seconds},
          {"max_bytes", reach.keep_bytes ? ordered_json(*reach.keep_bytes) : ordered_json()},
          {"bytes", reach.bytes},
          {"oldest", reach.oldest ? ordered_json(*reach.oldest) : ordered_json()}};
}

Response describe(const hub::Hub& hub, Desk& desk, const Request& request) {
  const auto status = hub.status();
  if (!status.started) return database_away();
  auto streams = ordered_json::array();
  const auto catalog = hub.catalog();
  for (const auto& [name, stream] : *catalog) {
    if (!lists(*request.grant, stream)) continue;
    const auto granted = grant_stream(*request.grant, name, *catalog);
    if (const auto* shown = std::get_if<GrantedStream>(&granted)) {
      streams.push_back(description_of(*shown, request));
    }
  }
  const auto reach = desk.reach(status.head.epoch);
  ordered_json body = {
      {"now", reach.now}, {"streams", std::move(streams)}, {"retention", retention_of(reach)}};
  if (const auto& whose = request.grant->fingerprint; !whose.empty()) body["grant"] = whose;
  return {.body = body.dump() + "\n", .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

void add_catalog_routes(Server& server, hub::Hub& hub, Desk& desk) {
  server.route("GET", "/v1/streams", [&hub, &desk](const Request& request) {
    try {
      return describe(hub, desk, request);
    } catch (const HistoryUnavailable&) {
      return database_away();
    }
  });
}

}  // namespace ordercast::http
