#include "app/node.h"

#include <spdlog/spdlog.h>

#include <thread>

#include "app/connection_budget.h"
#include "base/descriptor_limit.h"
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

}  // namespace

Node::Node(const NodeOptions& options)
    : history_(options.conninfo, watchdog_, options.history_connections,
               options.tenant_history_connections),
      desk_(options.conninfo, watchdog_),
      hub_(history_, {.heartbeat = options.heartbeat}),
      listener_({.conninfo = options.conninfo, .wake = options.wake}, hub_, watchdog_),
      gate_(options.access, options.desk, options.listen, hub_),
      stream_limits_(options.streams),
      server_(options.server),
      metrics_(hub_, server_, history_, listener_, options.log),
      drain_window_(options.drain_window) {
  if (const auto limit = raise_descriptor_limit();
      !has_room(limit, options.server.max_connections)) {
    spdlog::warn(
        "this process may open {} files, which is too few for {} connections: some will be turned "
        "away. Raise "
        "the limit (ulimit -Hn, LimitNOFILE= of systemd), or set --max-connections",
        limit, options.server.max_connections);
  }
  http::add_board_routes(server_);
  http::add_status_routes(server_, hub_, [this] { return listener_trouble(listener_.status()); });
  gate_.guard(server_);
  http::add_stream_routes(server_, hub_,
                          {.limits = &stream_limits_,
                           .lifetime = std::chrono::seconds(options.access.max_stream_lifetime_s)});
  http::add_catalog_routes(server_, hub_, desk_);
  http::add_explain_routes(server_, hub_, history_);
  http::add_message_routes(server_, hub_, desk_);
  http::add_order_desk_routes(server_, hub_, history_, desk_);
  serve_metrics(options.metrics);
  server_.start(options.listen.host, options.listen.port);
  listener_.start();
  listener_.wait_first_attempt(kFirstAttempt);
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

std::optional<std::string> Node::metrics_url() const {
  if (!metrics_server_) return std::nullopt;
  return metrics_server_->url() + "/metrics";
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
