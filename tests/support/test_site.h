// An HTTP server on a free loopback port, whose routes show what became of a request. No
// PostgreSQL.
//
//   any method  /echo           the request as JSON (see echo_json in the .cc)
//   GET         /items/{id}     the same
//   GET         /alive          "alive", also to those who are refused all else
//   GET         /smuggled       counts: nothing may ever reach it
//   GET         /throw/{kind}   throws one of throw_kinds(); all hold kSecret where they can
//   GET stream  /stream/three   three events, then the end
//   GET stream  /stream/hold    "data: open", then waits until the peer or the server ends it
//   GET stream  /stream/flood   writes until the writer says no
//   GET stream  /stream/throw/{kind}   one event, then throws
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/server.h"

namespace ordercast::testing {

inline constexpr char kSecret[] = "password=hunter2";

// Every way to throw that /throw/{kind} knows.
[[nodiscard]] const std::vector<std::string>& throw_kinds();

// Waits for `condition`, polling; false when it does not come true within kPatience.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

class TestSite {
 public:
  explicit TestSite(http::ServerOptions options = {}, const std::string& host = "127.0.0.1");

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] http::Server& server() { return server_; }

  [[nodiscard]] int smuggled() const { return smuggled_; }
  [[nodiscard]] int requests() const { return requests_; }
  // Writers that said no in /stream/flood because the peer had stalled.
  [[nodiscard]] int stalls() const { return stalls_; }

 private:
  void add_routes();
  void add_stream_routes();

  std::atomic<int> smuggled_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<int> stalls_ = 0;
  http::Server server_;  // last: its threads use all of the above
};

}  // namespace ordercast::testing
