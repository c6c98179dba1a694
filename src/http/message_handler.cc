#include "http/message_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/history_reader.h"
#include "core/row.h"
#include "http/desk_answers.h"
#include "http/json_error.h"
#include "http/stream_lookup.h"
#include "http/write_guard.h"

namespace ordercast::http {
namespace {

struct Message {
  std::string event;
  std::string data;  // JSON
};

// `body` is a JSON object.
std::optional<Message> message_of(std::string_view body) {
  const Row members(body);
  const auto event = members.find("event");
  const auto data = members.find("data");
  if (!event || !event->starts_with('"') || !data || members.members().size() != 2) {
    return std::nullopt;
  }
  Message message{nlohmann::json::parse(*event).get<std::string>(), std::string(*data)};
  // libpq would end the name there.
  if (message.event.find('\0') != message.event.npos) return std::nullopt;
  return message;
}

Response publish(const hub::Hub& hub, Desk& desk, const Request& request) {
  if (auto refusal = refuse_write(request)) return std::move(*refusal);
  const auto stream = find_stream(hub, *request.grant, request.path_parameter);
  if (const auto* response = std::get_if<Response>(&stream)) return *response;
  const auto message = message_of(request.body);
  if (!message) {
    return json_error(422, "bad_message",
                      R"(The body must be {"event": "name", "data": …}: both, and nothing else.)");
  }
  const auto result = desk.publish(hub.status().head.epoch, request.path_parameter, message->event,
                                   message->data, request.grant->tenant);
  if (const auto* refusal = std::get_if<DatabaseRefusal>(&result)) {
    return refused_by_database(*refusal);
  }
  return {.status = 201,
          .body = fmt::format("{{\"seq\":{}}}\n", std::get<std::int64_t>(result)),
          .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

void add_message_routes(Server& server, hub::Hub& hub, Desk& desk) {
  server.route("POST", "/v1/streams/{stream}/messages", [&hub, &desk](const Request& request) {
    try {
      return publish(hub, desk, request);
    } catch (const HistoryUnavailable&) {
      return database_away();
    } catch (const OutcomeUnknown&) {
      return outcome_unknown();
    }
  });
}

}  // namespace ordercast::http
