// One serving Ordercast: listener, hub and HTTP server, wired. Confined to the main thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/access_options.h"
#include "app/gate.h"
#include "app/listen_address.h"
#include "app/log_sink.h"
#include "app/metrics.h"
#include "app/signals.h"
#include "http/server.h"
#include "http/status_handler.h"
#include "http/stream_limits.h"
#include "hub/hub.h"
#include "pg/database_desk.h"
#include "pg/listener.h"
#include "pg/log_reader.h"
#include "pg/watchdog.h"

namespace ordercast::app {

// Where /metrics is. Neither: nowhere.
struct MetricsOptions {
  bool on_main_port = false;  // for who asks on this machine (http::MetricsAudience)
  std::optional<ListenAddress> listen = std::nullopt;  // a port of its own, for who reaches it
};

struct NodeOptions {
  std::string conninfo;
  ListenAddress listen;
  std::chrono::milliseconds heartbeat = hub::HubOptions{}.heartbeat;
  // Over so long the streams are ended one by one when the node is to go.
  std::chrono::milliseconds drain_window{10'000};
  http::ServerOptions server;
  http::StreamLimitOptions streams;
  std::size_t history_connections = pg::LogReader::kConnections;
  std::size_t tenant_history_connections = pg::LogReader::kPerTenant;
  MetricsOptions metrics;
  std::shared_ptr<const LogSink> log = nullptr;  // whose drops are counted; may be null
  std::optional<pg::WakeMode> wake;              // see pg::ListenerOptions
  bool desk = false;                             // requests may write: orders and messages
  AccessOptions access;
  std::shared_ptr<http::TlsCertificate> tls = nullptr;  // null: plain HTTP
};

class Node {
 public:
  // Listens on the address; throws http::ListenError. Streams can be served when it returns, unless
  // the database does not answer: it may come later.
  explicit Node(const NodeOptions& options);
  // Ends the streams, then everything else.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Sends the clients to other nodes: /readyz says so at once, the streams end one by one, evenly
  // spread over the window, and who comes is told to come back. Returns when the last stream has
  // ended, when the window has passed, or when a second signal says so.
  void drain(const Signals& signals);
  // Takes over what can change while it runs: the keys and rules of tokens, the limits, the drain
  // window. Throws as Gate::take_over(), and then all stays as it was.
  void take_over(const NodeOptions& options);
  // Reads the keys and the certificate again. What is wrong with them goes to the log, and what
  // there was stays.
  void reload();

  // Why no stream can be served now, as /readyz says it. From any thread, as the next two.
  [[nodiscard]] std::optional<http::NotReady> not_ready() const;
  // Whether it takes connections and the fan-out does its rounds. Blocks for seconds when not.
  [[nodiscard]] bool lives() const;
  [[nodiscard]] std::size_t streams() const { return hub_.status().subscribers; }

  // How long drain() and the end take at most.
  [[nodiscard]] std::chrono::milliseconds longest_end() const;

  [[nodiscard]] std::string url() const { return server_.url(); }
  // Of /metrics on a port of its own; none without.
  [[nodiscard]] std::optional<std::string> metrics_url() const;

 private:
  [[nodiscard]] http::ReadinessCheck listener_check() const;
  void serve_metrics(const MetricsOptions& options);
  // Until all streams have ended, at most so long. `pause` is called between looks; it says true to
  // stop waiting.
  void wait_for_streams(const std::function<bool()>& pause, std::chrono::milliseconds limit);

  pg::Watchdog watchdog_;
  pg::LogReader history_;
  pg::DatabaseDesk desk_;
  hub::Hub hub_;
  pg::Listener listener_;
  Gate gate_;
  http::StreamLimits stream_limits_;
  const std::shared_ptr<http::TlsCertificate> tls_;
  http::Server server_;
  const Metrics metrics_;
  std::optional<http::Server> metrics_server_;  // after what it shows
  std::chrono::milliseconds drain_window_;
};

}  // namespace ordercast::app
