// Thousands of SSE connections to one server, on one thread with one epoll, and what each of them
// received. Confined to one thread; nothing happens but in calls.
//
//   Crowd crowd({.port = 8080, .target = "/v1/streams/orders", .connections = 10'000});
//   crowd.connect(30s);
//   crowd.begin(1, 100);                  // events 1 to 100 will be published, stamped (stamp.h)
//   …publish them, from another thread…
//   const bool all = crowd.run(60s);      // true when every connection has had every event
//   crowd.faults(), crowd.deliveries().latency()
//
// A connection that is dropped, or that the server ends, keeps its place: it resumes with the id of
// the last event it had, and its events are checked across all of its connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "core/sse_parser.h"
#include "load/body_decoder.h"
#include "load/client_socket.h"
#include "load/sequence_check.h"
#include "load/stamp.h"
#include "load/window.h"

namespace ordercast::load {

struct CrowdOptions {
  std::string address = "127.0.0.1";  // IPv4, numeric
  std::uint16_t port = 0;
  std::string target;
  std::string headers = {};  // more of each request, every line with its CRLF
  // What numbers and dates an event; without, only events that hold a stamp count.
  std::function<std::optional<Stamp>(std::string_view data)> stamp_of = Stamp::find;
  // Instead of `target`: what each connection asks for.
  std::function<std::string(std::size_t connection)> target_of = {};
  std::size_t connections = 1;
  // Below the listen backlog of every server that is compared (nginx: 511).
  std::size_t connecting_at_once = 256;
  // A connection whose server ended it comes back at once; else it stays away.
  bool reconnect = false;
};

class Crowd {
 public:
  using Duration = std::chrono::nanoseconds;

  // Raises this process's limit of descriptors as far as needed. Throws LoadError.
  explicit Crowd(CrowdOptions options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Returns when all are live: answered with 200. Throws LoadError when one is refused, or when
  // they are not live in time.
  void connect(Duration patience);
  // Puts all that are away on the list to come back; run() does it.
  void reconnect_all();
  // Resets the connection (RST), as a client that vanishes.
  void drop(std::size_t connection);
  void drop_all();

  // From now on every connection must see each event from `first` to `last`.
  void begin(std::uint64_t first, std::uint64_t last,
             std::optional<std::int64_t> origin_ns = std::nullopt);
  // Receives until every connection has had the whole window (true), or `patience` is over. `idle`
  // is called about every 100 ms: for progress, and for what the caller does meanwhile.
  bool run(Duration patience, const std::function<void()>& idle = {});
  // Receives until `done()`, asked after each round of the loop, or `patience` is over (false).
  bool run_until(const std::function<bool()>& done, Duration patience);

  // The window ends earlier than was said: `last` was published last.
  void end_window(std::uint64_t last);
  // From now on somebody else publishes: each connection must go on from what it sees first.
  void watch();
  // `last` has had its time to reach all: a connection that has not come to it has lost it.
  void end_watch(std::uint64_t last);
  // Every connection has had the whole window.
  [[nodiscard]] bool complete() const { return window_.complete(); }

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] const Deliveries& deliveries() const { return window_.deliveries(); }
  // Of all connections: what they lack of the window or had twice or late.
  [[nodiscard]] Faults faults() const;
  // How many connections have had event `seq` or a later one.
  [[nodiscard]] std::size_t reached(std::uint64_t seq) const;
  // Connections that were refused, answered with something else than 200, or torn, so far.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  // Streams that the server ended, so far.
  [[nodiscard]] std::uint64_t ended() const { return ended_; }
  // `reset` events, so far.
  [[nodiscard]] std::uint64_t resets() const { return resets_; }
  // All events, so far, with and without a stamp; and bytes.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Of the highest event seen so far by anyone.
  [[nodiscard]] std::uint64_t highest() const { return highest_; }
  // Why the last one was refused or broke; empty when none was.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  struct Connection;

  void start_waiting();
  void start(std::size_t index);
  void poll(std::chrono::milliseconds timeout);
  void on_connected(std::size_t index);
  void on_readable(std::size_t index);
  void take(std::size_t index, std::string_view bytes);
  void on_event(Connection& connection, const SseMessage& event, std::int64_t now);
  void refuse(std::size_t index, std::string why);
  // Closes it, and lets it come back when that is wanted.
  void leave(std::size_t index, bool come_back);
  [[nodiscard]] std::string request_of(std::size_t index) const;

  CrowdOptions options_;
  UniqueFd epoll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> waiting_;  // to be connected
  std::size_t connecting_ = 0;
  std::size_t live_ = 0;
  std::vector<char> buffer_;

  Window window_;
  std::uint64_t refused_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t resets_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t highest_ = 0;
  std::string problem_;
};

}  // namespace ordercast::load
