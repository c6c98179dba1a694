// The options that `serve` and `demo` share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "app/access_options.h"
#include "app/limit_options.h"
#include "app/log_options.h"
#include "app/node.h"
#include "app/tls_options.h"

namespace ordercast::app {

struct ServingOptions {
  std::string listen = "127.0.0.1:8080";
  bool open = false;  // other machines may reach it
  bool desk = false;  // requests may write
  int heartbeat_ms = 15'000;
  int drain_ms = 10'000;
  std::optional<std::size_t> max_connections;  // none: see connection_budget.h
  int history_connections = static_cast<int>(pg::LogReader::kConnections);
  LimitOptions limits;
  std::string metrics_listen;  // an address, "off", or empty: see Node
  LogOptions log;
  AccessOptions access;
  TlsOptions tls;
  std::string wake;  // armed, notify or poll; empty: by what the database allows

  // All but --open and --desk.
  void add_to(CLI::App& command);
  void add_open_to(CLI::App& command);
  void add_desk_to(CLI::App& command);
  // Throws std::invalid_argument with what to do.
  [[nodiscard]] NodeOptions node_options() const;  // all but the database
};

// The lines that scripts wait for, on stdout and flushed: "listening on URL" and "database:
// CONNINFO".
void announce(const std::string& key, const std::string& value);

}  // namespace ordercast::app
