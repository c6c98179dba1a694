// One client of a stream: greets it, sends the present rows when it asked for them, then what the
// subscriber delivers, until the client or the server goes. Once it has caught up its thread waits,
// and the hub writes to the client. Confined to the connection's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/hang_up_watch.h"
#include "http/stream_handler.h"
#include "http/stream_writer.h"
#include "hub/subscriber.h"

namespace ordercast::http {

class EventStream {
 public:
  struct Wish {
    std::string stream;
    std::optional<std::string> last_event_id;
    bool snapshot = false;
  };

  // All outlive it.
  EventStream(hub::Hub& hub, HangUpWatch& hang_ups, const StreamOptions& options,
              StreamWriter& writer)
      : hub_(hub), hang_ups_(hang_ups), options_(options), writer_(writer) {}

  void run(const Wish& wish);

 private:
  // False when that takes the database, and it cannot be reached.
  [[nodiscard]] bool subscribe(const Wish& wish);
  // These say false when the client is gone.
  [[nodiscard]] bool greet(const Wish& wish);
  [[nodiscard]] bool send_rows();
  [[nodiscard]] bool send(const hub::Subscriber::Delivery& delivery, bool snapshot);
  [[nodiscard]] bool send_reset(std::string_view reason, bool snapshot);
  void say_goodbye();

  hub::Hub& hub_;
  HangUpWatch& hang_ups_;
  const StreamOptions& options_;
  StreamWriter& writer_;
  std::unique_ptr<hub::Subscriber> subscriber_;
};

}  // namespace ordercast::http
