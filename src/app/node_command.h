// A verb that runs a node, `serve` or `demo`: the options that both have, and what SIGHUP does to
// them. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>

#include "app/config_option.h"
#include "app/node.h"
#include "app/serving_options.h"

namespace ordercast::app {

class RunningConfig;

class NodeCommand {
 public:
  virtual ~NodeCommand() = default;
  NodeCommand(const NodeCommand&) = delete;
  NodeCommand& operator=(const NodeCommand&) = delete;

  // All options of the verb, --config as the last. Refers to this, which outlives the command.
  virtual void add_to(CLI::App& command) = 0;
  // Throws std::invalid_argument with what to do: what is asked for would be unsafe.
  [[nodiscard]] virtual NodeOptions node_options() const = 0;  // all but the database

  // Whether there is something that SIGHUP makes the node read again; else it ends the process.
  [[nodiscard]] bool can_reload() const;
  // Reads the file again, if there is one, and what it and the flags name: keys, the certificate.
  // Each goes to the log, and where something is wrong what there was stays.
  void reload(RunningConfig& running, Node& node) const;

  ServingOptions serving;
  ConfigOption config;

 protected:
  NodeCommand() = default;
};

}  // namespace ordercast::app
