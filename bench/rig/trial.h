// One system with its subscribers: started, warmed up, and published to in windows of events that
// every subscriber must see. Confined to one thread, but for the publishers that it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "load/crowd.h"
#include "rig/systems.h"

namespace ordercast::bench {

// CPU time in nanoseconds.
struct Costs {
  double server = 0;
  double database = 0;
  Costs operator-(const Costs& other) const {
    return {server - other.server, database - other.database};
  }
  Costs operator*(double factor) const { return {server * factor, database * factor}; }
};

class Trial {
 public:
  // Returns when events reach all subscribers. Throws what starting it throws, and LoadError.
  Trial(std::unique_ptr<System> system, std::size_t subscribers);

  struct Window {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  // The next `count` events.
  [[nodiscard]] Window next(std::uint64_t count);

  // Runs `publisher`, which publishes the window's events, on a thread of its own, and receives
  // them until all have all, or nothing has moved for 10 s. False when `limit` came first: then
  // nothing is known to be lost. Rethrows what the publisher throws. `origin_ns`: see Deliveries.
  bool run(const Window& window, std::function<void()> publisher, std::chrono::seconds limit,
           std::optional<std::int64_t> origin_ns = std::nullopt);

  [[nodiscard]] Costs costs() const;
  // What a second costs in which nothing is published.
  [[nodiscard]] Costs idle_cost();

  [[nodiscard]] System& system() { return *system_; }
  [[nodiscard]] load::Crowd& crowd() { return crowd_; }
  [[nodiscard]] const load::Crowd& crowd() const { return crowd_; }

  static constexpr std::chrono::seconds kConnectLimit{60};

 private:
  void warm_up();

  std::unique_ptr<System> system_;
  load::Crowd crowd_;
  std::uint64_t next_ = 1;
};

// "0", or what is wrong; `cut`: the window's limit came before its end.
[[nodiscard]] std::string text_of(const load::Faults& faults, bool cut);

}  // namespace ordercast::bench
