// Which node a verb looks at, and with which token: options of `status` and `canary`. Value type.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "http/node_client.h"

namespace ordercast::app {

struct NodeAddress {
  std::string url = "http://127.0.0.1:8080";
  std::string token_file;

  void add_to(CLI::App& command);
  // The token is what the file holds; never on a command line, which everybody on the machine sees.
  // Throws std::invalid_argument.
  [[nodiscard]] http::NodeClient::Options client_options() const;
};

}  // namespace ordercast::app
