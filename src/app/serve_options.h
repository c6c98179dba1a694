// All options of `serve`: those it shares with `demo`, its database, and the file that may hold
// them. `print-config` and `check-config` take the same ones.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "app/config_option.h"
#include "app/serving_options.h"

namespace ordercast::app {

struct ServeOptions {
  ServingOptions serving;
  bool allow_insecure_database = false;
  std::string database;
  std::string data_dir;
  ConfigOption config;

  // Refers to this, which outlives the command and stays where it is.
  void add_to(CLI::App& command);
  // Throws std::invalid_argument with what to do: what is asked for would be unsafe.
  [[nodiscard]] NodeOptions node_options() const;  // all but the database
};

}  // namespace ordercast::app
