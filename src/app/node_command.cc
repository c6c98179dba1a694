#include "app/node_command.h"

#include "app/running_config.h"

namespace ordercast::app {

bool NodeCommand::can_reload() const {
  return !config.path.empty() || serving.access.by_token() || serving.tls.given();
}

void NodeCommand::reload(RunningConfig& running, Node& node) const {
  if (!config.path.empty()) {
    running.reload([&node](const NodeCommand& changed) {
      node.take_over(changed.node_options());
      changed.serving.log.set_level();
    });
  }
  node.reload();
}

}  // namespace ordercast::app
