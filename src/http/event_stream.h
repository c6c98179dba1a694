// One client of a stream: greets it, sends the present rows when it asked for them, then what the
// subscriber delivers, until the client or the server goes. Once it has caught up its thread waits,
// and the hub writes to the client. Confined to the connection's thread.
#pragma once

#include <memory>
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
  [[nodiscard]] bool send_rows();
  [[nodiscard]] bool send(const hub::Subscriber::Delivery& delivery);
  [[nodiscard]] bool send_reset(std::string_view reason);
  [[nodiscard]] bool send(const Event& event);
  [[nodiscard]] bool write(const hub::Frames& frames, std::size_t taken = 0, bool replayed = false);
  void say_unavailable();
  void say_goodbye();
  // What was to be sent is another tenant's.
  void say_withheld();
  // All that was asked for was sent.
  void say_end();
  // It may not go on: why, and where the next one would.
  void say_ended(std::string_view reason, const std::string& id);

  hub::Hub& hub_;
  HangUpWatch& hang_ups_;
  const StreamOptions& options_;
  StreamWriter& writer_;
  StreamVisit& visit_;
  FrameFormat format_ = FrameFormat::kSse;
  std::optional<RowQuery> rows_;  // the present rows are sent at the beginning and after a reset
  std::unique_ptr<hub::Subscriber> subscriber_;
};

}  // namespace ordercast::http
