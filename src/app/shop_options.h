// The options of the simulated shop, for `demo` and `simulate`.
#pragma once

#include <CLI/CLI.hpp>

#include "pg/simulated_shop.h"

namespace ordercast::app {

inline void add_shop_options(CLI::App& command, pg::SimulatedShopOptions& options) {
  command
      .add_option("--rate", options.rate,
                  "steps a second: new orders, status changes, cancellations; 0 is none")
      ->check(CLI::Range(0.0, 10'000.0))
      ->envname("ORDERCAST_RATE")
      ->capture_default_str();
  command.add_option("--orders", options.seed_orders, "orders to begin with")
      ->check(CLI::Range(0, 100'000))
      ->envname("ORDERCAST_ORDERS")
      ->capture_default_str();
}

}  // namespace ordercast::app
