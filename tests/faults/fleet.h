// Several Ordercast nodes on one database. The nodes are started and ended by one thread; ports()
// may be read by all.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "support/node.h"

namespace ordercast::faults {

class Fleet {
 public:
  // Returns when all serve streams.
  Fleet(const testing::TestDatabase& database, int nodes);

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  // Where node `index` listens; 0, where nobody does, while it is ended.
  [[nodiscard]] std::uint16_t port(std::size_t index) const { return ports_[index]; }

  void signal(std::size_t index, int number) { nodes_[index]->process().signal(number); }
  // Signals it and waits for its end; how it ended.
  ExitStatus end(std::size_t index, int number);
  // Starts it again, on another port.
  void start(std::size_t index);
  // Whether all serve streams.
  [[nodiscard]] bool ready() const;

 private:
  const testing::TestDatabase& database_;
  std::vector<std::unique_ptr<testing::ServedNode>> nodes_;
  std::vector<std::atomic<std::uint16_t>> ports_;
};

}  // namespace ordercast::faults
