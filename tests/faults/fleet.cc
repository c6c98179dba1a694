#include "faults/fleet.h"

#include <algorithm>

namespace ordercast::faults {

using testing::ServedNode;

Fleet::Fleet(const testing::TestDatabase& database, int nodes)
    : database_(database),
      nodes_(static_cast<std::size_t>(nodes)),
      ports_(static_cast<std::size_t>(nodes)) {
  for (std::size_t i = 0; i < size(); ++i) start(i);
  for (const auto& node : nodes_) node->wait_until_ready();
}

ExitStatus Fleet::end(std::size_t index, int number) {
  const auto status = nodes_[index]->stop(number);
  // The port may be another server's soon, whose history is another.
  ports_[index] = 0;
  nodes_[index].reset();
  return status;
}

void Fleet::start(std::size_t index) {
  // Heartbeats often, so that cursors move between events, too.
  nodes_[index] = std::make_unique<ServedNode>(
      std::vector<std::string>{"serve", "--database", database_.url(), "--heartbeat-ms", "200"});
  ports_[index] = nodes_[index]->port();
}

bool Fleet::ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->ready(); });
}

}  // namespace ordercast::faults
