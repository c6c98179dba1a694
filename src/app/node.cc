#include "app/node.h"

#include <spdlog/spdlog.h>

#include <thread>
#include <utility>

#include "app/connection_budget.h"
#include "base/descriptor_limit.h"
#include "http/api_handler.h"
#include "http/board_handler.h"
#include "http/catalog_handler.h"
#include "http/explain_handler.h"
#include "http/message_handler.h"
#include "http/metrics_handler.h"
#include "http/order_desk_handler.h"
#include "http/status_handler.h"
#include "http/stream_handler.h"

namespace ordercast::app {

namespace {

// A database that answers does so within milliseconds. One that does not shall not keep the node
// from saying that it lives.
constexpr std::chrono::seconds kFirstAttempt{2};
// For streams that are in the middle of a write when they are told to end.
constexpr std::chrono::seconds kGoodbyeLimit{1};
// For the connections' threads and the listener's statement, see http::ServerOptions::stop_timeout
// and pg::kAnswerLimit.
constexpr std::chrono::seconds kEndOfConnections{20};
// From a connection to the first sign that somebody takes it: milliseconds, seconds under attack.
constexpr std::chrono::seconds kReaction{5};
// How often is looked whether the last one has ended.
constexpr std::chrono::milliseconds kLook{10};
// While the database answers, a page is read each second.
constexpr std::chrono::seconds kStale{30};
// Of a port that is for Prometheus alone: it asks every few seconds.
constexpr std::size_t kMetricsConnections = 16;

std::optional<http::NotReady> listener_trouble(const pg::ListenerStatus& status) {
  if (!status.unusable_code.empty()) {
    return http::NotReady{status.unusable_code, status.unusable_detail};
  }
  if (status.connected && status.last_page &&
      std::chrono::steady_clock::now() - *status.last_page > kStale) {
    return http::NotReady{"lagging", "the change log has not been read for too long"};
  }
  return std::nullopt;
}

void warn_if_no_room(std::size_t connections) {
  const auto limit = raise_descriptor_limit();
  if (has_room(limit, connections)) return;
  spdlog::warn(
      "this process may open {} files, which is too few for {} connections: some will be turned "
      "away. Raise the limit (ulimit -Hn, LimitNOFILE= of systemd), or set --max-connections",
      limit, connections);
}

http::ServerOptions with_tls(http::ServerOptions options,
                             std::shared_ptr<const http::TlsCertificate> tls) {
  options.tls = std::move(tls);
  return options;
}

}  // namespace

Node::Node(const NodeOptions& options)
    : history_(options.conninfo, watchdog_, options.history_connections,
               options.tenant_history_connections),
      desk_(options.conninfo, watchdog_),
      hub_(history_, {.heartbeat = options.heartbeat}),
      listener_({.conninfo = options.conninfo, .wake = options.wake}, hub_, watchdog_),
      gate_(options.access, options.desk, options.listen, hub_),
      stream_limits_(options.streams),
      tls_(options.tls),
      server_(with_tls(options.server, options.tls)),
      metrics_(hub_, server_, history_, listener_, options.log),
      drain_window_(options.drain_window) {
  warn_if_no_room(options.server.max_connections);
  http::add_board_routes(server_);
  http::add_api_route(server_);
  http::add_status_routes(server_, hub_, listener_check());
  gate_.guard(server_);
  http::add_stream_routes(server_, hub_, {.limits = &stream_limits_});
  http::add_catalog_routes(server_, hub_, desk_);
  http::add_explain_routes(server_, hub_, history_);
  http::add_message_routes(server_, hub_, desk_);
  http::add_order_desk_routes(server_, hub_, history_, desk_);
  serve_metrics(options.metrics);
  if (tls_) spdlog::info("TLS: certificate of {}", tls_->describe());
  server_.start(options.listen.host, options.listen.port);
  listener_.start();
  listener_.wait_first_attempt(kFirstAttempt);
}

http::ReadinessCheck Node::listener_check() const {
  return [this] { return listener_trouble(listener_.status()); };
}

std::optional<http::NotReady> Node::not_ready() const {
  return http::why_not_ready(hub_.status(), listener_check());
}

bool Node::lives() const {
  return http::fans_out(hub_.status(), std::chrono::steady_clock::now()) &&
         server_.takes_connections(kReaction);
}

std::chrono::milliseconds Node::longest_end() const {
  return drain_window_ + 2 * kGoodbyeLimit + kEndOfConnections;
}

void Node::serve_metrics(const MetricsOptions& options) {
  const auto text = [this] { return metrics_.text(); };
  if (options.on_main_port) {
    http::add_metrics_route(server_, http::MetricsAudience::kThisMachine, text);
  }
  if (!options.listen) return;
  http::ServerOptions limits;
  limits.max_connections = kMetricsConnections;
  metrics_server_.emplace(limits);
  http::add_metrics_route(*metrics_server_, http::MetricsAudience::kAnybody, text);
  metrics_server_->start(options.listen->host, options.listen->port);
}

void Node::take_over(const NodeOptions& options) {
  gate_.take_over(options.access);
  warn_if_no_room(options.server.max_connections);
  server_.set_limits(options.server);
  stream_limits_.set(options.streams);
  history_.set_limits(options.history_connections, options.tenant_history_connections);
  drain_window_ = options.drain_window;
}

std::optional<std::string> Node::metrics_url() const {
  if (!metrics_server_) return std::nullopt;
  return metrics_server_->url() + "/metrics";
}

void Node::reload() {
  gate_.reload();
  if (!tls_) return;
  try {
    tls_->reload();
    spdlog::info("TLS: certificate of {}, read again", tls_->describe());
  } catch (const http::TlsError& error) {
    spdlog::error("TLS: {}; the certificate that there was stays", error.what());
  }
}

void Node::drain(const Signals& signals) {
  hub_.drain(drain_window_);
  spdlog::info("draining: {} streams end within {} ms; a second signal ends all at once",
               hub_.status().subscribers, drain_window_.count());
  wait_for_streams([&] { return Signals::asks_to_stop(signals.wait(-1, kLook)); },
                   drain_window_ + kGoodbyeLimit);
}

void Node::wait_for_streams(const std::function<bool()>& pause, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (hub_.status().subscribers > 0 && std::chrono::steady_clock::now() < deadline) {
    if (pause()) return;
  }
}

Node::~Node() {
  hub_.close();
  // The server cuts what it finds open: not in the middle of a goodbye.
  wait_for_streams([] { return std::this_thread::sleep_for(kLook), false; }, kGoodbyeLimit);
  if (!server_.stop()) spdlog::warn("some connections did not end in time");
  listener_.stop();
}

}  // namespace ordercast::app
