#include "http/event_stream.h"

#include <fmt/format.h>

#include "base/backoff.h"
#include "core/change_event.h"
#include "core/reset.h"
#include "core/sse.h"
#include "http/spool.h"

namespace ordercast::http {
namespace {

using Kind = hub::Subscriber::Delivery::Kind;

std::chrono::milliseconds jittered_retry(const StreamOptions& options) {
  return options.retry_min + std::chrono::milliseconds(random_up_to(
                                 static_cast<std::uint64_t>(options.retry_spread.count())));
}

}  // namespace

void EventStream::run(const Wish& wish) {
  // No hello, no rows: it would be sent away before it had them.
  if (hub_.status().draining) return say_goodbye();
  if (!subscribe(wish)) {
    // Only a 200 that ends makes EventSource try again.
    std::string frames;
    sse::append_retry(frames, jittered_retry(options_));
    sse::append(frames, {.id = {}, .name = "status", .data = R"({"database":"down"})"});
    (void)writer_.write(frames);
    return;
  }
  if (!greet(wish)) return;
  const auto watched = hang_ups_.watch(writer_.fd(), [this] { subscriber_->hang_up(); });
  subscriber_->attach(writer_);
  for (;;) {
    const auto delivery = subscriber_->next(std::chrono::steady_clock::now() + hub_.heartbeat());
    if (delivery.kind == Kind::kClosed) return say_goodbye();
    if (!send(delivery, wish.snapshot)) return;
  }
}

bool EventStream::subscribe(const Wish& wish) {
  using OnReset = hub::Hub::OnReset;
  if (!hub_.status().started) return false;
  try {
    subscriber_ = hub_.subscribe(wish.stream, wish.last_event_id,
                                 wish.snapshot ? OnReset::kStop : OnReset::kTell);
  } catch (const HistoryUnavailable&) {
    return false;
  }
  return true;
}

bool EventStream::greet(const Wish& wish) {
  const bool rows_follow = wish.snapshot && !subscriber_->resumed();
  const auto cursor = subscriber_->cursor();
  std::string frames;
  sse::append_retry(frames, jittered_retry(options_));
  // No id before rows: a client that is cut among them must ask for all of them again.
  sse::append(frames,
              {.id = rows_follow ? "" : cursor.encode(),
               .name = "hello",
               .data = fmt::format(
                   R"({{"stream":"{}","resumed":{},"snapshot":{},"epoch":"{}","heartbeat_ms":{}}})",
                   wish.stream, subscriber_->resumed(), rows_follow, cursor.epoch.text(),
                   hub_.heartbeat().count())});
  if (!writer_.write(frames)) return false;
  if (!subscriber_->refused().empty()) return send_reset(subscriber_->refused(), wish.snapshot);
  return !rows_follow || send_rows();
}

bool EventStream::send_rows() {
  // The rows are read at the database's speed and kept aside: a slow client must not hold a
  // connection and an old snapshot there.
  Spool spool;
  subscriber_->read_rows([&](std::vector<SnapshotRow> rows) {
    std::string frames;
    for (const auto& row : rows) append_snapshot_row(frames, FrameFormat::kSse, row, {});
    spool.append(frames);
    return !writer_.peer_closed();
  });
  if (!spool.drain([this](std::string_view part) { return writer_.write(part); })) return false;
  std::string ready;
  sse::append(ready, {.id = subscriber_->cursor().encode(), .name = "ready", .data = "{}"});
  return writer_.write(ready);
}

bool EventStream::send(const hub::Subscriber::Delivery& delivery, bool snapshot) {
  std::string frame;
  switch (delivery.kind) {
    case Kind::kFrames:
    case Kind::kRest:
      return writer_.write(*delivery.frames, delivery.taken);
    case Kind::kReset:
      return send_reset(delivery.reason, snapshot);
    case Kind::kStatus:
      sse::append(frame, {.id = {},
                          .name = "status",
                          .data = fmt::format(R"({{"database":"{}"}})", delivery.reason)});
      break;
    case Kind::kIdle:
      sse::append_id(frame, subscriber_->cursor().encode());
      break;
    case Kind::kClosed:
    case Kind::kHungUp:
      return false;
  }
  return writer_.write(frame);
}

bool EventStream::send_reset(std::string_view reason, bool snapshot) {
  std::string frame;
  sse::append(frame, {.id = snapshot ? "" : subscriber_->cursor().encode(),
                      .name = "reset",
                      .data = reset_data(reason)});
  return writer_.write(frame) && (!snapshot || send_rows());
}

void EventStream::say_goodbye() {
  std::string frame;
  sse::append_retry(frame, jittered_retry(options_));
  (void)writer_.write(frame);
  // Before the subscriber is gone: without subscribers the process may end.
  writer_.finish();
}

}  // namespace ordercast::http
