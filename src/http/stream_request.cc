#include "http/stream_request.h"

#include <fmt/format.h>

#include <utility>

#include "http/accept.h"
#include "http/json_error.h"
#include "http/row_parameters.h"

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

StreamRequest parse(const Request& request, const StreamInfo& stream) {
  auto rows = parse_row_parameters(request, stream, RowsOf::kStream).query;
  StreamRequest wanted;
  wanted.last_event_id = last_event_id(request);
  wanted.view.stream = stream.name;
  wanted.view.filter = rows.filter;
  if (const auto select = request.param("select")) {
    wanted.view.selection = Selection::parse(*select, stream);
  }
  if (const auto events = request.param("events")) {
    wanted.view.events = EventKinds::parse(*events);
  }
  const auto snapshot = request.param("snapshot").value_or("false");
  if (snapshot != "true" && snapshot != "false") {
    throw FilterError({"snapshot", std::string(snapshot)}, 0, "it is 'true' or 'false'");
  }
  if (snapshot == "true") {
    wanted.rows = std::move(rows);
    return wanted;
  }
  for (const auto* name : {"order", "limit"}) {
    if (const auto value = request.param(name)) {
      throw FilterError({name, std::string(*value)}, 0,
                        "it is of the present rows: add snapshot=true");
    }
  }
  return wanted;
}

}  // namespace

std::optional<FrameFormat> accepted_format(const Request& request) {
  const auto accept = request.header("Accept");
  if (!accept) return FrameFormat::kSse;
  const int sse = acceptance(*accept, media_type(FrameFormat::kSse));
  const int ndjson = acceptance(*accept, media_type(FrameFormat::kNdjson));
  if (sse == 0 && ndjson == 0) return std::nullopt;
  return sse >= ndjson ? FrameFormat::kSse : FrameFormat::kNdjson;
}

std::variant<StreamRequest, Response> parse_stream_request(const Request& request,
                                                           const StreamInfo& stream) {
  const auto format = accepted_format(request);
  if (!format) {
    return json_error(406, "not_acceptable",
                      fmt::format("a stream is {} or {}: accept one of them",
                                  media_type(FrameFormat::kSse), media_type(FrameFormat::kNdjson)));
  }
  try {
    auto wanted = parse(request, stream);
    wanted.view.format = *format;
    return wanted;
  } catch (const FilterError& error) {
    return bad_parameter(error);
  }
}

}  // namespace ordercast::http
