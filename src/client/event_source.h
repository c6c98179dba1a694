// The events of one stream over as many connections as it takes: what a browser's EventSource does
// (WHATWG HTML, section 9.2), and what it does not. Each new connection resumes with the id of the
// last event; pauses grow, with jitter, from what the server's `retry:` says; a connection on which
// nothing came for too long is given up; what only an operator can mend ends it. Confined to one
// thread. Its memory is bounded, whatever the server sends.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/backoff.h"
#include "client/transfer.h"
#include "core/sse_parser.h"

namespace ordercast::client {

// To try again would not help; what() is for the person who asked, and may hold the server's words.
struct StreamRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // False: enough.
  [[nodiscard]] virtual bool on_event(const SseMessage& message) = 0;
  // The connection is lost or was ended, and there will be another one after the pause.
  virtual void on_pause(std::chrono::milliseconds pause, std::string_view why) = 0;
};

struct EventSourceOptions {
  std::string url;
  std::string last_event_id;  // where to begin; empty: wherever the URL says
  std::string ca_file;
  // The bearer token, asked for before each connection; empty: none.
  std::function<std::string()> token = [] { return std::string(); };
  // Until the server says otherwise.
  std::chrono::milliseconds retry{2'000};
  // Above it no pause grows, unless the server asks for longer ones.
  std::chrono::milliseconds longest_pause{30'000};
  std::chrono::milliseconds silence_limit{60'000};
  Backoff::Random random = random_up_to;
};

class EventSource {
 public:
  explicit EventSource(EventSourceOptions options);

  enum class End {
    kEnough,  // the handler's
    kWoken,   // `wake` became readable
    kTold,    // 204: the server wants no further connection
  };
  // Throws StreamRefused.
  End run(EventHandler& handler, int wake);

  // How long nothing may come on an open connection. For the handler: the server says how often it
  // sends heartbeats.
  void set_silence_limit(std::chrono::milliseconds limit) { options_.silence_limit = limit; }

 private:
  enum class Step { kGoOn, kLost, kEnough, kWoken, kTold };
  // From connect to the end of the connection.
  Step follow(EventHandler& handler, int wake);
  Step take_answer(const Transfer& transfer, Transfer::State state, std::string_view body,
                   EventHandler& handler);
  Step take_events(std::string_view bytes, EventHandler& handler);
  [[nodiscard]] TransferRequest request() const;
  [[nodiscard]] std::chrono::milliseconds next_pause();

  EventSourceOptions options_;
  SseParser parser_;
  Backoff backoff_;
  std::chrono::milliseconds asked_pause_{0};  // by Retry-After
  std::string answer_;                        // the beginning of one that is no stream
  std::string problem_;                       // why the last connection was lost
};

}  // namespace ordercast::client
