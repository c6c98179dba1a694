#include "http/explain_handler.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <variant>

#include "core/change_event.h"
#include "core/cursor.h"
#include "http/json_error.h"
#include "http/row_parameters.h"
#include "http/stream_lookup.h"
#include "http/stream_request.h"

namespace ordercast::http {
namespace {

// Which change is meant. Throws FilterError.
std::int64_t wanted_seq(const Request& request, const Epoch& epoch) {
  std::optional<std::int64_t> seq;
  if (const auto text = request.param("seq")) {
    std::int64_t number = 0;
    const auto* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || rest != end || number < 1) {
      throw FilterError({"seq", std::string(*text)}, 0, "the number that an event's data has");
    }
    seq = number;
  }
  const auto id = request.param("event");
  if (!id) {
    if (seq) return *seq;
    throw FilterError({"event", ""}, 0, "say which: event=<id> or seq=<the number in its data>");
  }
  const auto refuse = [&](const char* problem) {
    throw FilterError({"event", std::string(*id)}, 0, problem);
  };
  const auto cursor = Cursor::decode(*id);
  if (!cursor) refuse("the id of an event was expected");
  if (cursor->epoch != epoch) refuse("it is the id of another history: see reset, reason epoch");
  if (const auto& in_batch = cursor->position.in_batch) {
    if (seq && *seq != in_batch->seq) refuse("it is the id of another event than seq names");
    return in_batch->seq;
  }
  if (!seq) refuse("this id is the end of several changes: add seq=<the number in its data>");
  return *seq;
}

std::string text_of(std::optional<bool> value) {
  return !value ? "null" : *value ? "true" : "false";
}

std::string body_of(const Change& change, const View::Explanation& why) {
  return fmt::format(R"({{"seq":{},"op":"{}","key":{},"old_row_matches":{},"new_row_matches":{},)"
                     R"("event":{},"reason":{}}})"
                     "\n",
                     change.seq, op_name(change.op), is_of_row(change.op) ? change.key : "null",
                     text_of(why.old_row_matches), text_of(why.new_row_matches),
                     why.event.empty() ? "null" : json_string(why.event), json_string(why.reason));
}

Response explain(const hub::Hub& hub, HistoryReader& history, const Request& request) {
  const auto stream = find_stream(hub, *request.grant, request.path_parameter);
  if (const auto* response = std::get_if<Response>(&stream)) return *response;
  const auto& granted = std::get<GrantedStream>(stream);
  const auto& name = granted.info.name;
  const View reach(
      ViewSpec{.stream = name, .filter = granted.scope.filter, .tenant = granted.scope.tenant});
  const auto epoch = hub.status().head.epoch;
  try {
    const View view(parse_view(request, granted));
    const auto seq = wanted_seq(request, epoch);
    const auto change = history.find_change(epoch, seq);
    if (!change || change->stream != name || !reach.concerns(*change)) {
      return json_error(404, "unknown_event",
                        fmt::format("the log has no change {} of '{}': it was of another stream, "
                                    "never committed, or is no longer kept",
                                    seq, name));
    }
    return {.body = body_of(*change, view.explain(*change)),
            .headers = {{"Cache-Control", "no-store"}}};
  } catch (const FilterError& error) {
    return bad_parameter(error);
  }
}

}  // namespace

void add_explain_routes(Server& server, hub::Hub& hub, HistoryReader& history) {
  server.route("GET", "/v1/streams/{stream}/explain", [&hub, &history](const Request& request) {
    try {
      return explain(hub, history, request);
    } catch (const HistoryUnavailable&) {
      return database_away();
    }
  });
}

}  // namespace ordercast::http
