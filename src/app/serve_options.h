// All options of `serve`: those it shares with `demo`, and its database. `print-config` and
// `check-config` take the same ones.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/node_command.h"

namespace ordercast::app {

struct ServeOptions : NodeCommand {
  bool allow_insecure_database = false;
  std::string database;
  std::string data_dir;

  void add_to(CLI::App& command) override;
  [[nodiscard]] NodeOptions node_options() const override;
};

// Of the file that `serve` takes.
[[nodiscard]] std::vector<std::string> serve_keys();

}  // namespace ordercast::app
