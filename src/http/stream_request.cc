#include "http/stream_request.h"

#include <fmt/format.h>

#include <utility>

#include "core/civil_time.h"
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

// A moment: until=2026-11-25T12:00:00Z.
std::optional<std::int64_t> moment(std::string_view text) {
  return parse_timestamp(text, TimeSource::kClient, TimeZone::kTaken);
}

TimeWindow parse_window(const Request& request) {
  TimeWindow window;
  if (const auto since = request.param("since")) {
    window.since = moment(*since);
    if (!window.since) {
      throw FilterError({"since", std::string(*since)}, 0,
                        "a time was expected, such as 2026-11-25T12:00:00Z or "
                        "2026-11-25T14:00:00+02:00 (in a URL, + is written %2B); a position is "
                        "last_event_id");
    }
  }
  // What else it may be says where the stream ends, and nothing of the view.
  if (const auto until = request.param("until")) window.until = moment(*until);
  if (window.since && window.until && *window.since > *window.until) {
    throw FilterError({"until", std::string(*request.param("until"))}, 0, "it is before since");
  }
  return window;
}

ViewSpec view_of(const Request& request, const GrantedStream& stream, Filter filter) {
  ViewSpec view{
      .stream = stream.info.name,
      .filter = std::move(filter),
      .selection = stream.info.columns_chosen ? Selection::all_of(stream.info) : stream.columns,
      .tenant = stream.scope.tenant};
  if (const auto select = request.param("select")) {
    auto selection = Selection::parse(*select, stream.info);
    if (!selection.all()) view.selection = std::move(selection);
  }
  if (const auto events = request.param("events")) view.events = EventKinds::parse(*events);
  view.window = parse_window(request);
  return view;
}

void parse_end(const Request& request, const Epoch& epoch, StreamRequest& wanted) {
  const auto until = request.param("until");
  if (!until) return;
  const auto refuse = [&](const char* problem) {
    throw FilterError({"until", std::string(*until)}, 0, problem);
  };
  wanted.ends = true;
  if (*until != "now" && !wanted.view.window.until) {
    auto cursor = Cursor::decode(*until);
    if (!cursor) {
      refuse(
          "'now', a time such as 2026-11-25T12:00:00Z (in a URL, + is written %2B), or the id of "
          "an "
          "event was expected");
    }
    if (cursor->epoch != epoch) refuse("it is the id of another history: see reset, reason epoch");
    wanted.end = std::move(cursor->position);
  }
  if (wanted.rows && *until != "now") refuse("the present rows are of now: so is their end");
  if (!wanted.rows && !wanted.last_event_id && !wanted.view.window.since) {
    refuse("say from where, too: with last_event_id (perhaps 'earliest'), since, or snapshot=true");
  }
}

StreamRequest parse(const Request& request, const GrantedStream& stream, const Epoch& epoch) {
  auto rows = parse_row_parameters(request, stream, RowsOf::kStream).query;
  StreamRequest wanted;
  wanted.last_event_id = last_event_id(request);
  wanted.view = view_of(request, stream, rows.filter);
  for (const auto* name : {"event", "seq"}) {
    const auto value = request.param(name);
    if (!value) continue;
    throw FilterError({name, std::string(*value)}, 0,
                      fmt::format("it is of /v1/streams/{}/explain", stream.info.name));
  }
  const auto snapshot = request.param("snapshot").value_or("false");
  if (snapshot != "true" && snapshot != "false") {
    throw FilterError({"snapshot", std::string(snapshot)}, 0, "it is 'true' or 'false'");
  }
  if (const auto heartbeat = request.param("heartbeat"); heartbeat.value_or("event") != "event") {
    throw FilterError({"heartbeat", std::string(*heartbeat)}, 0, "it is 'event', or is left out");
  }
  if (snapshot == "true") wanted.rows = std::move(rows);
  for (const auto* name : {"order", "limit"}) {
    const auto value = request.param(name);
    if (!value || wanted.rows) continue;
    throw FilterError({name, std::string(*value)}, 0,
                      "it is of the present rows: add snapshot=true");
  }
  if (const auto since = request.param("since"); since && wanted.rows) {
    throw FilterError({"since", std::string(*since)}, 0,
                      "the present rows are of now: without snapshot=true it tells what happened");
  }
  parse_end(request, epoch, wanted);
  if (wanted.view.window.since && !wanted.last_event_id) wanted.last_event_id = kEarliest;
  return wanted;
}

}  // namespace

ViewSpec parse_view(const Request& request, const GrantedStream& stream) {
  return view_of(request, stream,
                 parse_row_parameters(request, stream, RowsOf::kStream).query.filter);
}

std::optional<FrameFormat> accepted_format(const Request& request) {
  const auto accept = request.header("Accept");
  const int sse = accept ? acceptance(*accept, media_type(FrameFormat::kSse)) : 1;
  const int ndjson = accept ? acceptance(*accept, media_type(FrameFormat::kNdjson)) : 0;
  if (sse == 0 && ndjson == 0) return std::nullopt;
  if (ndjson > sse) return FrameFormat::kNdjson;
  return request.param("heartbeat") == "event" ? FrameFormat::kSseHeartbeats : FrameFormat::kSse;
}

std::variant<StreamRequest, Response> parse_stream_request(const Request& request,
                                                           const GrantedStream& stream,
                                                           const Epoch& epoch) {
  const auto format = accepted_format(request);
  if (!format) {
    return json_error(406, "not_acceptable",
                      fmt::format("a stream is {} or {}: accept one of them",
                                  media_type(FrameFormat::kSse), media_type(FrameFormat::kNdjson)));
  }
  try {
    auto wanted = parse(request, stream, epoch);
    wanted.view.format = *format;
    return wanted;
  } catch (const FilterError& error) {
    return bad_parameter(error);
  }
}

}  // namespace ordercast::http
