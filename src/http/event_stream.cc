#include "http/event_stream.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/backoff.h"
#include "core/frame_format.h"
#include "core/reset.h"

namespace ordercast::http {
namespace {

using Kind = hub::Subscriber::Delivery::Kind;

std::chrono::milliseconds jittered_retry(const StreamOptions& options) {
  return options.retry_min + std::chrono::milliseconds(random_up_to(
                                 static_cast<std::uint64_t>(options.retry_spread.count())));
}

}  // namespace

void EventStream::run(const Wish& wish) {
  format_ = wish.format;
  // No hello, no rows: it would be sent away before it had them.
  if (hub_.status().draining) return say_goodbye();
  if (!wish.request || !subscribe(wish)) return say_unavailable();
  if (!greet()) {
    if (writer_.withheld()) say_withheld();
    return;
  }
  const auto watched = hang_ups_.watch(writer_.fd(), [this] { subscriber_->hang_up(); });
  if (!wish.request->ends) subscriber_->attach(writer_.outlet());
  for (;;) {
    const auto delivery = subscriber_->next(std::chrono::steady_clock::now() + hub_.heartbeat());
    if (delivery.kind == Kind::kClosed) return say_goodbye();
    if (delivery.kind == Kind::kEnd) return say_end();
    if (delivery.kind == Kind::kWithheld) return say_withheld();
    if (!send(delivery)) break;
  }
  if (writer_.withheld()) say_withheld();
}

bool EventStream::subscribe(const Wish& wish) {
  using OnReset = hub::Hub::OnReset;
  rows_ = wish.request->rows;
  try {
    subscriber_ = hub_.subscribe(wish.catalog, wish.request->view, wish.request->last_event_id,
                                 rows_ ? OnReset::kStop : OnReset::kTell);
    if (wish.request->ends) subscriber_->end_at(wish.request->end);
  } catch (const HistoryUnavailable&) {
    return false;
  }
  return true;
}

bool EventStream::greet() {
  const bool rows_follow = rows_ && !subscriber_->resumed();
  const auto cursor = subscriber_->cursor();
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  // No id before rows: a client that is cut among them must ask for all of them again.
  const auto id = rows_follow ? std::string() : cursor.encode();
  const auto data =
      fmt::format(R"({{"stream":"{}","resumed":{},"snapshot":{},"epoch":"{}","heartbeat_ms":{}}})",
                  subscriber_->view().stream(), subscriber_->resumed(), rows_follow,
                  cursor.epoch.text(), hub_.heartbeat().count());
  append_event(frames, format_, {.id = id, .name = "hello", .data = data});
  if (!writer_.write(frames)) return false;
  if (!subscriber_->refused().empty()) return send_reset(subscriber_->refused());
  return !rows_follow || send_rows();
}

bool EventStream::send_rows() {
  const hub::RowSink sink{
      .send = [this](const hub::Frames& frames) { return writer_.write(frames); },
      .gone = [this] { return writer_.peer_closed(); }};
  if (!subscriber_->send_rows(*rows_, sink)) return false;
  const auto id = subscriber_->cursor().encode();
  return send({.id = id, .name = "ready", .data = "{}"});
}

bool EventStream::send(const hub::Subscriber::Delivery& delivery) {
  switch (delivery.kind) {
    case Kind::kFrames:
    case Kind::kRest:
      return writer_.write(*delivery.frames, delivery.taken);
    case Kind::kReset:
      return send_reset(delivery.reason);
    case Kind::kStatus:
      return send({.id = {},
                   .name = "status",
                   .data = fmt::format(R"({{"database":"{}"}})", delivery.reason)});
    case Kind::kIdle: {
      std::string frame;
      append_id(frame, format_, subscriber_->cursor().encode());
      return writer_.write(frame);
    }
    case Kind::kClosed:
    case Kind::kHungUp:
    case Kind::kEnd:
    case Kind::kWithheld:
      break;
  }
  return false;
}

bool EventStream::send_reset(std::string_view reason) {
  const auto id = rows_ ? std::string() : subscriber_->cursor().encode();
  return send({.id = id, .name = "reset", .data = reset_data(reason)}) && (!rows_ || send_rows());
}

bool EventStream::send(const Event& event) {
  std::string frame;
  append_event(frame, format_, event);
  return writer_.write(frame);
}

void EventStream::say_end() {
  (void)send({.id = subscriber_->cursor().encode(), .name = "end", .data = "{}"});
}

void EventStream::say_withheld() {
  hub_.count_withheld();
  spdlog::error(
      "stream {}: rows of another tenant were about to be sent to one of '{}', and were not; its "
      "view and the log's columns disagree. The stream was ended",
      subscriber_->view().stream(), subscriber_->view().tenant().value_or(Tenant{}).value);
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  append_event(frames, format_, {.id = {}, .name = "end", .data = R"({"reason":"internal"})"});
  (void)writer_.write(frames);
}

// Only a 200 that ends makes EventSource try again.
void EventStream::say_unavailable() {
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  append_event(frames, format_, {.id = {}, .name = "status", .data = R"({"database":"down"})"});
  (void)writer_.write(frames);
}

void EventStream::say_goodbye() {
  std::string frame;
  append_retry(frame, format_, jittered_retry(options_));
  (void)writer_.write(frame);
  // Before the subscriber is gone: without subscribers the process may end.
  writer_.finish();
}

}  // namespace ordercast::http
