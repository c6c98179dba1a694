// One client of a stream: greets it, sends the present rows when it asked for them, then what the
// subscriber delivers, until the client or the server goes. Once it has caught up its thread waits,
// and the hub writes to the client. Confined to the connection's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/hang_up_watch.h"
#include "http/stream_handler.h"
#include "http/stream_request.h"
#include "http/stream_visit.h"
#include "http/stream_writer.h"
#include "hub/subscriber.h"

namespace ordercast::http {

class EventStream {
 public:
  struct Wish {
    FrameFormat format = FrameFormat::kSse;
    GrantPtr grant = everything(false);  // the stream ends with it
    // What the request was read by, and what it wants; without, that could not be told yet.
    CatalogPtr catalog = nullptr;
    std::optional<StreamRequest> request = std::nullopt;
  };

  // All outlive it.
  EventStream(hub::Hub& hub, HangUpWatch& hang_ups, const StreamOptions& options,
              StreamWriter& writer, StreamVisit& visit)
      : hub_(hub), hang_ups_(hang_ups), options_(options), writer_(writer), visit_(visit) {}

  // Why it ended: a word of hub::Traffic::closed.
  [[nodiscard]] std::string_view run(const Wish& wish);

 private:
  // False when that takes the database, and it cannot be reached.
  [[nodiscard]] bool subscribe(const Wish& wish);
  void end_with_lifetime();
  // After the greeting.
  [[nodiscard]] std::string_view deliver(const Wish& wish);
  // Nothing more can be written: its time is over, which it is told now; the client has gone of its
  // own will, or took nothing; or what was to be sent was another tenant's.
  [[nodiscard]] std::string_view part();
  // These say false when the client is gone.
  [[nodiscard]] bool greet(const Grant& grant);
  // Waits for a database that is away, which the client is told. Throws HistoryUnavailable when it
  // goes in the middle of the rows, or refuses them.
  [[nodiscard]] bool send_rows();
  // Sets `begun` with the first of them. Throws HistoryUnavailable.
  [[nodiscard]] bool send_rows_now(bool& begun);
  [[nodiscard]] bool await_database();
  // With each heartbeat, so that the stream is not silent.
  [[nodiscard]] bool tell_database_down();
  // To who was told that it is down.
  [[nodiscard]] bool tell_database_up();
  [[nodiscard]] bool send(const hub::Subscriber::Delivery& delivery);
  [[nodiscard]] bool send_reset(std::string_view reason);
  [[nodiscard]] bool send_status(std::string_view database);
  [[nodiscard]] bool send(const Event& event);
  [[nodiscard]] bool write(const hub::Frames& frames, std::size_t taken = 0, bool replayed = false);
  void say_unavailable();
  void say_goodbye();
  // What was to be sent is another tenant's.
  void say_withheld();
  // All that was asked for was sent.
  void say_end();
  // It may not go on: why, as next() has it (kClosed, kEnded), and where the next one would. The
  // reason.
  std::string_view leave(const hub::Subscriber::Delivery& over, const std::string& id);
  void say_ended(std::string_view reason, const std::string& id);

  hub::Hub& hub_;
  HangUpWatch& hang_ups_;
  const StreamOptions& options_;
  StreamWriter& writer_;
  StreamVisit& visit_;
  FrameFormat format_ = FrameFormat::kSse;
  std::optional<RowQuery> rows_;  // the present rows are sent at the beginning and after a reset
  std::unique_ptr<hub::Subscriber> subscriber_;
  // When the client, who waits for rows, was last told that the database is down; none: it is up.
  std::optional<hub::Subscriber::Time> told_down_;
};

}  // namespace ordercast::http
