// Which node a verb looks at, and with which token: options of `status` and `canary`. Value type.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "app/token_source.h"
#include "client/node_client.h"

namespace ordercast::app {

struct NodeAddress {
  std::string url = "http://127.0.0.1:8080";
  TokenSource token;

  void add_to(CLI::App& command);
  // Throws std::runtime_error when there is to be a token and is none.
  [[nodiscard]] client::NodeClient::Options client_options() const;
};

}  // namespace ordercast::app
