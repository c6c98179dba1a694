// The HTTP server: an acceptor, a thread per connection, the guard in front of cpp-httplib, and a
// plain table of routes. One request per connection; every error is JSON (json_error.h); no
// exception leaves a thread.
//
// Thread-safety: add routes and access, then start(), from one thread. Handlers run on the
// connections' threads, many at a time: they must be thread-safe. port(), url(), counters()
// and takes_connections() may be called from any thread once started.
//
// Order at the end: first make the stream sessions return (close the hub), then stop(), then
// destroy what the handlers use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/tally.h"
#include "http/access.h"
#include "http/cors.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server_options.h"
#include "http/stream_writer.h"

namespace ordercast::http {

// The address cannot be listened on; what() says why and what to do, for the person who started the
// program.
struct ListenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ServerCounters {
  std::size_t open_connections = 0;  // threads now
  std::uint64_t accepted = 0;        // connections that got a thread, so far
  std::uint64_t refused = 0;         // connections turned away before they got one, for any reason
  std::uint64_t refused_unanswered = 0;  // of these: closed without a word, the desk was full, too
  std::size_t clients = 0;  // addresses that are counted, with a connection now (admission.h)
  std::uint64_t accept_failures = 0;  // errors of accept(2)
  Tally::Counts answers = {};         // by status
  Tally::Counts refusals = {};        // by code of the problem; see answer_counters.h
};

class Server {
 public:
  using Handler = std::function<Response(const Request&)>;
  using StreamHandler = std::function<StreamAnswer(const Request&)>;

  explicit Server(ServerOptions options = {});
  // Stops, and waits for handlers that still run: stop() first if you must not wait.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Who may ask for what below /v1/; without, everybody for everything. And whose pages may read
  // it.
  void admit_by(std::shared_ptr<const Access> access, Cors cors);

  // `pattern` is a path; one of its segments may be `{name}`, which matches any one non-empty
  // segment. A path without braces wins over one with. A GET route answers HEAD too. No regexes.
  // Throws std::invalid_argument for a pattern that is none or is there already.
  void route(std::string_view method, std::string_view pattern, Handler handler);
  // The same for a handler that never blocks: whoever is refused for now, for lack of a thread say,
  // is answered this all the same. An orchestrator must not end a server because it has much to do.
  void route_always(std::string_view method, std::string_view pattern, const Handler& handler);
  // A GET route that may take the connection over.
  void route_stream(std::string_view pattern, StreamHandler handler);

  // Binds, listens and begins to answer. `host` is a name or a numeric address, IPv4 or IPv6
  // without brackets; port 0 takes a free one. Throws ListenError.
  void start(const std::string& host, std::uint16_t port);

  // Takes over from these, for the connections that come from now on: limits, admission,
  // max_connections, request_timeout, write_stall_timeout and peer_timeout. From any thread.
  void set_limits(const ServerOptions& options);

  // Accepts no more, shuts every connection's socket down and waits for their threads, stop_timeout
  // at most. False when some handler has not returned by then. Idempotent.
  bool stop();

  [[nodiscard]] std::uint16_t port() const;
  // Where it listens: "http://127.0.0.1:8080", "https://[::1]:8080".
  [[nodiscard]] std::string url() const;
  [[nodiscard]] ServerCounters counters() const;
  // Whether it still takes connections; see accept_probe.h. Blocks for `limit` at most.
  [[nodiscard]] bool takes_connections(std::chrono::milliseconds limit) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ordercast::http
