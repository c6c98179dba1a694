#include "http/stream_handler.h"

#include <memory>
#include <string>
#include <variant>

#include "http/event_stream.h"
#include "http/granted_stream.h"
#include "http/stream_request.h"
#include "http/stream_visit.h"

namespace ordercast::http {
namespace {

StreamSession session(hub::Hub& hub, HangUpWatch& hang_ups, const StreamOptions& options,
                      Visitor visitor, EventStream::Wish wish, StreamLimits::Place place) {
  if (wish.request) visitor.view = summary_of(wish.request->view);
  return {// Without a charset: it is UTF-8 by definition, and some proxies compress what has one.
          .content_type = std::string(media_type(wish.format)),
          .headers = {{"Cache-Control", "no-store, no-transform"}, {"X-Accel-Buffering", "no"}},
          .run = [&hub, &hang_ups, options, visitor = std::move(visitor), wish = std::move(wish),
                  place = std::move(place)](StreamWriter& writer) {
            StreamVisit visit(visitor, hub.traffic());
            visit.end(EventStream(hub, hang_ups, options, writer, visit).run(wish));
          }};
}

StreamAnswer answer(hub::Hub& hub, HangUpWatch& hang_ups, const StreamOptions& options,
                    const Request& request) {
  const auto status = hub.status();
  if (!status.started) {
    // What is asked for cannot be judged yet.
    const auto format = accepted_format(request).value_or(FrameFormat::kSse);
    return session(hub, hang_ups, options, Visitor::of(request), {.format = format}, {});
  }
  auto catalog = hub.catalog();
  auto stream = grant_stream(*request.grant, request.path_parameter, *catalog);
  if (auto* refused = std::get_if<Response>(&stream)) return std::move(*refused);
  auto wanted = parse_stream_request(request, std::get<GrantedStream>(stream), status.head.epoch);
  if (auto* refused = std::get_if<Response>(&wanted)) return std::move(*refused);
  auto& parsed = std::get<StreamRequest>(wanted);
  StreamLimits::Place place;
  if (options.limits != nullptr) {
    auto entered = options.limits->enter(*request.grant);
    if (const auto* refused = std::get_if<Refusal>(&entered)) return *refused;
    place = std::get<StreamLimits::Place>(std::move(entered));
  }
  const auto format = parsed.view.format;
  return session(hub, hang_ups, options, Visitor::of(request),
                 {.format = format, .catalog = std::move(catalog), .request = std::move(parsed)},
                 std::move(place));
}

}  // namespace

void add_stream_routes(Server& server, hub::Hub& hub, const StreamOptions& options) {
  const auto hang_ups = std::make_shared<HangUpWatch>();
  server.route_stream("/v1/streams/{stream}", [&hub, hang_ups, options](const Request& request) {
    return answer(hub, *hang_ups, options, request);
  });
}

}  // namespace ordercast::http
