// The options of `serve` and `demo` that say how much clients may take: of connections, streams,
// time and history. What each bound is for stands where it is kept, and in docs/architecture.md.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "http/server_options.h"
#include "http/stream_limits.h"
#include "pg/log_reader.h"

namespace ordercast::app {

struct LimitOptions {
  std::optional<std::size_t> max_streams;  // none: a twentieth less than there are connections
  std::size_t max_streams_per_tenant = http::StreamLimitOptions{}.most_per_tenant;
  std::size_t max_connections_per_address = http::AdmissionOptions{}.most_per_client;
  double connections_per_second = http::AdmissionOptions{}.per_second;
  double connection_burst = http::AdmissionOptions{}.burst;
  std::vector<std::string> trusted_proxies;
  int request_timeout_ms = static_cast<int>(http::ServerOptions{}.request_timeout.count());
  int write_stall_ms = static_cast<int>(http::ServerOptions{}.write_stall_timeout.count());
  std::size_t max_body_bytes = http::HeadLimits{}.body_bytes;
  std::size_t tenant_history_connections = pg::LogReader::kPerTenant;

  void add_to(CLI::App& command);
  // Throws std::invalid_argument with what to do.
  [[nodiscard]] http::ServerOptions server(std::size_t max_connections) const;
  [[nodiscard]] http::StreamLimitOptions streams(std::size_t max_connections) const;

 private:
  void add_counts_to(CLI::App& command);
  void add_rates_to(CLI::App& command);
  void add_requests_to(CLI::App& command);
};

}  // namespace ordercast::app
