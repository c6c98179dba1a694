// A shop that trades with itself: seeds orders, then places, moves, cancels and deletes some
// (sql/demo_shop.sql). One thread and one connection of its own, as a real shop's application would
// have. start() and stop() from one thread.
#pragma once

#include <string>

#include "base/backoff.h"
#include "base/thread.h"
#include "base/wake_fd.h"

namespace ordercast::pg {

struct SimulatedShopOptions {
  std::string conninfo;
  double rate = 2;  // steps a second, on average: they come at random, as customers do; 0 is none
  int seed_orders = 300;  // orders that are there before the first step
};

// Makes the shop's tables, watches `orders` and `merchants`, and seeds it, where that was not done
// before. Throws.
void open_shop(const SimulatedShopOptions& options);

class SimulatedShop {
 public:
  // open_shop() was called.
  explicit SimulatedShop(SimulatedShopOptions options) : options_(std::move(options)) {}
  ~SimulatedShop() { stop(); }
  SimulatedShop(const SimulatedShop&) = delete;
  SimulatedShop& operator=(const SimulatedShop&) = delete;

  void start();
  void stop();

 private:
  void run();
  void trade();

  const SimulatedShopOptions options_;
  WakeFd stop_;
  Thread thread_;
};

}  // namespace ordercast::pg
