#include "http/event_stream.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "base/backoff.h"
#include "core/frame_format.h"
#include "core/reset.h"

namespace ordercast::http {
namespace {

using Kind = hub::Subscriber::Delivery::Kind;

// The part of a lifetime that is random: streams that began together do not end together.
constexpr int kLifetimeSpread = 10;

std::chrono::milliseconds jittered_retry(const StreamOptions& options) {
  return options.retry_min + std::chrono::milliseconds(random_up_to(
                                 static_cast<std::uint64_t>(options.retry_spread.count())));
}

}  // namespace

std::string_view EventStream::run(const Wish& wish) {
  format_ = wish.format;
  // No hello, no rows: it would be sent away before it had them.
  if (hub_.status().draining) return say_goodbye(), "drain";
  if (!wish.request || !subscribe(wish)) return say_unavailable(), "database_down";
  subscriber_->obey(wish.grant);
  end_with_lifetime();
  try {
    const auto reason = greet(*wish.grant) ? deliver(wish) : part();
    visit_.sent_by_fan_out(subscriber_->sent());
    return reason;
  } catch (const HistoryUnavailable&) {
    visit_.end("database_down");
    say_unavailable();
    throw;  // in the middle of rows: the stream must not look complete
  }
}

void EventStream::end_with_lifetime() {
  if (options_.limits == nullptr) return;
  const auto lifetime = options_.limits->lifetime();
  if (lifetime.count() == 0) return;
  const auto spread = static_cast<std::uint64_t>(lifetime.count() / kLifetimeSpread);
  subscriber_->end_by(
      std::chrono::steady_clock::now() + lifetime - std::chrono::milliseconds(random_up_to(spread)),
      hub::kLifetime);
}

std::string_view EventStream::part() {
  if (writer_.withheld()) return say_withheld(), "withheld";
  const auto over = subscriber_->over();
  if (!over) return writer_.stalled() ? "slow_consumer" : "client_gone";
  // Among rows there is no id that leads on: whoever comes back asks for all of them again.
  return leave(*over, {});
}

std::string_view EventStream::deliver(const Wish& wish) {
  const auto watched = hang_ups_.watch(writer_.fd(), [this] { subscriber_->hang_up(); });
  if (!wish.request->ends) subscriber_->attach(writer_.outlet());
  if (format_ == FrameFormat::kSseHeartbeats) subscriber_->tell_when_caught_up();
  for (;;) {
    const auto delivery = subscriber_->next(std::chrono::steady_clock::now() + hub_.heartbeat());
    if (delivery.kind == Kind::kEnd) return say_end(), "complete";
    if (delivery.kind == Kind::kWithheld) return say_withheld(), "withheld";
    if (delivery.kind == Kind::kClosed || delivery.kind == Kind::kEnded) {
      return leave(delivery, subscriber_->cursor().encode());
    }
    if (!send(delivery)) return part();
  }
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

bool EventStream::greet(const Grant& grant) {
  const bool rows_follow = rows_ && !subscriber_->resumed();
  const auto cursor = subscriber_->cursor();
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  // No id before rows: a client that is cut among them must ask for all of them again.
  const auto id = rows_follow ? std::string() : cursor.encode();
  auto data =
      fmt::format(R"({{"stream":"{}","resumed":{},"snapshot":{},"epoch":"{}","heartbeat_ms":{})",
                  subscriber_->view().stream(), subscriber_->resumed(), rows_follow,
                  cursor.epoch.text(), hub_.heartbeat().count());
  if (!grant.fingerprint.empty()) data += fmt::format(R"(,"grant":"{}")", grant.fingerprint);
  data += '}';
  append_event(frames, format_, {.id = id, .name = "hello", .data = data});
  if (!write(hub::Frames(frames))) return false;
  if (!subscriber_->refused().empty()) return send_reset(subscriber_->refused());
  return !rows_follow || send_rows();
}

bool EventStream::send_rows() {
  bool begun = false;
  bool failed = false;
  while (await_database()) {
    try {
      return send_rows_now(begun);
    } catch (const HistoryUnavailable& problem) {
      // The second time that a database which is there refuses them, it is for another cause.
      if (begun || (failed && hub_.status().database_up)) throw;
      failed = true;
      spdlog::warn("stream {}: its rows cannot be read: {}; trying again",
                   subscriber_->view().stream(), problem.what());
    }
  }
  return false;
}

bool EventStream::await_database() {
  for (hub::Subscriber::Time deadline{};; deadline = *told_down_ + hub_.heartbeat()) {
    const auto delivery = subscriber_->wait_for_database(deadline);
    if (delivery.kind == Kind::kStatus) return true;
    if (delivery.kind != Kind::kIdle) return false;
    if (writer_.peer_closed() || !tell_database_down()) return false;
  }
}

bool EventStream::tell_database_down() {
  const auto now = std::chrono::steady_clock::now();
  if (told_down_ && now < *told_down_ + hub_.heartbeat()) return true;
  told_down_ = now;
  return send_status("down");
}

bool EventStream::tell_database_up() {
  return !std::exchange(told_down_, std::nullopt) || send_status("up");
}

bool EventStream::send_rows_now(bool& begun) {
  char before = '\0';
  const hub::RowSink sink{.send =
                              [this, &before, &begun](const hub::Frames& rows, bool within) {
                                if (!within && (subscriber_->over() || !tell_database_up())) {
                                  return false;
                                }
                                begun = true;
                                if (!write(rows)) return false;
                                visit_.sent({.events = count_frames(rows.text(), format_, before)});
                                before = rows.text().back();
                                return true;
                              },
                          .gone = [this] { return writer_.peer_closed() || subscriber_->over(); }};
  if (!subscriber_->send_rows(*rows_, sink) || !tell_database_up()) return false;
  const auto id = subscriber_->cursor().encode();
  return send({.id = id, .name = "ready", .data = "{}"});
}

bool EventStream::send(const hub::Subscriber::Delivery& delivery) {
  switch (delivery.kind) {
    case Kind::kFrames:
    case Kind::kRest:
      return write(*delivery.frames, delivery.taken, delivery.kind == Kind::kFrames);
    case Kind::kReset:
      return send_reset(delivery.reason);
    case Kind::kStatus:
      return send_status(delivery.reason);
    case Kind::kIdle: {
      std::string frame;
      append_id(frame, format_, subscriber_->cursor().encode());
      return write(hub::Frames(frame));
    }
    case Kind::kClosed:
    case Kind::kHungUp:
    case Kind::kEnd:
    case Kind::kEnded:
    case Kind::kWithheld:
      break;
  }
  return false;
}

bool EventStream::send_reset(std::string_view reason) {
  hub_.traffic().resets.add(reason);
  const auto id = rows_ ? std::string() : subscriber_->cursor().encode();
  return send({.id = id, .name = "reset", .data = reset_data(reason)}) && (!rows_ || send_rows());
}

bool EventStream::send_status(std::string_view database) {
  return send(
      {.id = {}, .name = "status", .data = fmt::format(R"({{"database":"{}"}})", database)});
}

bool EventStream::send(const Event& event) {
  std::string frame;
  append_event(frame, format_, event);
  return write(hub::Frames(frame));
}

bool EventStream::write(const hub::Frames& frames, std::size_t taken, bool replayed) {
  if (!writer_.write(frames, taken)) return false;
  visit_.sent(frames.size(), replayed);
  return true;
}

void EventStream::say_end() {
  (void)send({.id = subscriber_->cursor().encode(), .name = "end", .data = "{}"});
}

std::string_view EventStream::leave(const hub::Subscriber::Delivery& over, const std::string& id) {
  over.kind == Kind::kClosed ? say_goodbye() : say_ended(over.reason, id);
  return over.reason;
}

void EventStream::say_ended(std::string_view reason, const std::string& id) {
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  append_event(frames, format_,
               {.id = id, .name = "end", .data = fmt::format(R"({{"reason":"{}"}})", reason)});
  (void)write(hub::Frames(frames));
}

void EventStream::say_withheld() {
  hub_.traffic().withheld.add();
  spdlog::error(
      "stream {}: rows of another tenant were about to be sent to one of '{}', and were not; its "
      "view and the log's columns disagree. The stream was ended",
      subscriber_->view().stream(), subscriber_->view().tenant().value_or(Tenant{}).value);
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  append_event(frames, format_, {.id = {}, .name = "end", .data = R"({"reason":"internal"})"});
  (void)write(hub::Frames(frames));
}

// Only a 200 that ends makes EventSource try again.
void EventStream::say_unavailable() {
  std::string frames;
  append_retry(frames, format_, jittered_retry(options_));
  append_event(frames, format_, {.id = {}, .name = "status", .data = R"({"database":"down"})"});
  (void)write(hub::Frames(frames));
}

void EventStream::say_goodbye() {
  std::string frame;
  append_retry(frame, format_, jittered_retry(options_));
  (void)write(hub::Frames(frame));
  // Before the subscriber is gone: without subscribers the process may end.
  writer_.finish();
}

}  // namespace ordercast::http
