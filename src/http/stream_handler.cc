#include "http/stream_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/event_stream.h"
#include "http/json_error.h"

namespace ordercast::http {
namespace {

// The header of EventSource's own reconnects wins over what the page once put into the URL.
std::optional<std::string> last_event_id(const Request& request) {
  for (const auto value : {request.header("Last-Event-ID"), request.param("last_event_id"),
                           request.param("lastEventId")}) {
    if (value && !value->empty()) return std::string(*value);
  }
  return std::nullopt;
}

Response unknown_stream(const std::string& name, const Catalog& catalog) {
  std::vector<std::string> known;
  for (const auto& [stream, info] : catalog) known.push_back(stream);
  return json_error(404, "unknown_stream",
                    known.empty() ? "no table is watched yet: run `ordercast watch TABLE`"
                                  : fmt::format("there is no stream '{}'; the streams are: {}",
                                                name, fmt::join(known, ", ")));
}

std::optional<bool> flag(const Request& request, std::string_view name) {
  const auto value = request.param(name);
  if (!value || *value == "false") return false;
  if (*value == "true") return true;
  return std::nullopt;
}

StreamAnswer answer(hub::Hub& hub, HangUpWatch& hang_ups, const StreamOptions& options,
                    const Request& request) {
  const auto catalog = hub.catalog();
  const bool known = catalog->contains(request.path_parameter);
  if (!known && hub.status().started) return unknown_stream(request.path_parameter, *catalog);
  const auto snapshot = flag(request, "snapshot");
  if (!snapshot) return json_error(400, "bad_parameter", "snapshot is 'true' or 'false'");

  EventStream::Wish wish{request.path_parameter, last_event_id(request), *snapshot};
  return StreamSession{
      // Without a charset: it is UTF-8 by definition, and some proxies compress what has one.
      .content_type = "text/event-stream",
      .headers = {{"Cache-Control", "no-store, no-transform"}, {"X-Accel-Buffering", "no"}},
      .run = [&hub, &hang_ups, options, wish = std::move(wish)](StreamWriter& writer) {
        EventStream(hub, hang_ups, options, writer).run(wish);
      }};
}

}  // namespace

void add_stream_routes(Server& server, hub::Hub& hub, const StreamOptions& options) {
  const auto hang_ups = std::make_shared<HangUpWatch>();
  server.route_stream("/v1/streams/{stream}", [&hub, hang_ups, options](const Request& request) {
    return answer(hub, *hang_ups, options, request);
  });
}

}  // namespace ordercast::http
