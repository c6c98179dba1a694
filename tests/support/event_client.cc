#include "support/event_client.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "support/eventually.h"

namespace ordercast::testing {

using nlohmann::json;

EventClient::EventClient(std::uint16_t port, EventClientOptions options)
    : port_(port),
      options_(std::move(options)),
      cursor_(options_.cursor),
      whole_(options_.from_empty) {
  resume();
}

void EventClient::resume(std::optional<std::uint16_t> port) {
  if (port) port_ = *port;
  auto headers = options_.headers;
  if (!cursor_.empty()) headers.push_back({"Last-Event-ID", cursor_});
  const auto query = options_.query.empty() ? "" : "?" + options_.query;
  connection_.emplace(port_, fmt::format("/v1/streams/{}{}", options_.stream, query), headers);
  if (connection_->response().status != 200) {
    throw std::runtime_error(fmt::format("the stream answers {}", connection_->response().status));
  }
  hello_ = expect("hello");
  // Rows that are to come, and not those of an earlier life, are what it knows then.
  if (hello_.at("snapshot").get<bool>()) {
    rows_.clear();
    whole_ = true;
  }
}

void EventClient::drop() {
  if (connection_) connection_->connection().reset();
  connection_.reset();
}

std::optional<SseEvent> EventClient::next(std::chrono::milliseconds patience) {
  auto event = connection_->next(patience);
  if (event) take(*event);
  return event;
}

json EventClient::expect(std::string_view type) {
  const auto event = next();
  if (!event) throw ended();
  if (event->type != type) {
    throw std::runtime_error(
        fmt::format("'{}' instead of '{}': {}", event->type, type, event->data.substr(0, 1000)));
  }
  return json::parse(event->data);
}

bool EventClient::take_one() {
  if (!connection_->has_event_within(std::chrono::milliseconds(0))) return false;
  return next().has_value();
}

void EventClient::take_all() {
  while (take_one()) {
  }
  const auto& id = connection_->decoder().last_event_id();
  if (!id.empty()) cursor_ = id;
}

void EventClient::wait_for_heartbeat() {
  const auto moved = [&] {
    constexpr std::chrono::milliseconds kLook{5};
    if (connection_->has_event_within(kLook)) {
      (void)next();
      return false;
    }
    // Nothing was left untaken: the last id is one that came alone, or that of the last event.
    const auto& id = connection_->decoder().last_event_id();
    return !id.empty() && std::exchange(cursor_, id) != id;
  };
  if (!eventually(moved)) throw std::runtime_error("no heartbeat moved the cursor");
}

bool EventClient::silent_for(std::chrono::milliseconds time) {
  return !connection_->has_event_within(time);
}

int EventClient::count(const std::string& type) const {
  const auto found = counts_.find(type);
  return found == counts_.end() ? 0 : found->second;
}

std::runtime_error EventClient::ended() const {
  return std::runtime_error(fmt::format("the stream was {} after {}",
                                        connection_->ended_properly() ? "ended" : "cut",
                                        json(counts_).dump()));
}

void EventClient::take(const SseEvent& event) {
  ++counts_[event.type];
  if (!event.last_event_id.empty()) cursor_ = event.last_event_id;
  if (event.type == "insert" || event.type == "update" || event.type == "delete") {
    take_change(event.type, json::parse(event.data));
  } else if (event.type == "reset") {
    rows_.clear();
    last_seq_of_key_.clear();
    const auto data = json::parse(event.data);
    if (data.at("reason") == "epoch") seqs_.clear();  // another history has its own numbers
    // What was truncated is empty; after another reset it is unknown, unless rows follow.
    whole_ = data.at("reason") == "truncate" ||
             options_.query.find("snapshot=true") != std::string::npos;
    if (data.contains("seq")) seqs_.insert(data.at("seq").get<std::int64_t>());
  }
}

void EventClient::take_change(const std::string& type, const json& data) {
  check_op(type, data);
  const bool of_snapshot = data.contains("snapshot");
  if (!of_snapshot) check_order(data.at("key").dump(), data.at("seq").get<std::int64_t>());
  if (!data.contains("truncated")) fold(type, data);
}

void EventClient::check_op(const std::string& type, const json& data) {
  const bool moved = options_.filtered && data.at("op") == "update";
  if (data.at("op") != type && !moved) {
    faults_.push_back(fmt::format("op differs from the event: {}", type));
  }
  if (options_.keeps_shown) shown_.insert(data.at("row").dump());
}

void EventClient::check_order(const std::string& key, std::int64_t seq) {
  auto& last = last_seq_of_key_[key];
  if (!seqs_.insert(seq).second) {
    ++duplicated_;
    faults_.push_back(fmt::format("seq {} came twice", seq));
  } else if (seq <= last) {
    ++reordered_;
    faults_.push_back(fmt::format("{}: seq {} came after {}", key, seq, last));
  }
  last = seq;
}

void EventClient::fold(const std::string& type, const json& data) {
  const auto key = data.at("key").dump();
  const auto held = rows_.find(key);
  const auto fault = [&](const char* what) {
    if (whole_) faults_.push_back(fmt::format("{}: {}", what, data.dump()));
  };
  if (type == "insert") {
    if (held != rows_.end()) fault("insert of a row that is there");
    rows_[key] = data.at("row").dump();
    return;
  }
  if (held == rows_.end()) {
    fault("change of a row that is not there");
  } else if (type == "delete") {
    if (held->second != data.at("row").dump()) fault("delete of another row than the one held");
  } else {
    auto before = data.at("row");
    for (const auto& [column, values] : data.at("changed").items()) before[column] = values.at(0);
    if (held->second != before.dump()) fault("update of another row than the one held");
  }
  if (type == "delete") {
    rows_.erase(key);
  } else {
    rows_[key] = data.at("row").dump();
  }
}

}  // namespace ordercast::testing
