#include "app/simulate.h"

#include <fmt/format.h>

#include <memory>

#include "app/database_option.h"
#include "app/shop_options.h"
#include "app/signals.h"

namespace ordercast::app {
namespace {

void simulate(const pg::SimulatedShopOptions& options) {
  const Signals signals;
  pg::open_shop(options);
  pg::SimulatedShop shop(options);
  shop.start();
  fmt::print("the shop trades, about {} steps a second; Ctrl-C closes it\n", options.rate);
  std::fflush(stdout);
  while (!Signals::asks_to_stop(signals.wait(-1))) {
  }
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto options = std::make_shared<pg::SimulatedShopOptions>();
  auto* command = app.add_subcommand("simulate", "Let the demo shop trade in a database");
  add_database_option(*command, options->conninfo);
  add_shop_options(*command, *options);
  command->callback([options] { simulate(*options); });
}

}  // namespace ordercast::app
