#include "app/demo.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/database.h"
#include "app/node_command.h"
#include "app/running_config.h"
#include "app/shop_options.h"
#include "app/signals.h"
#include "app/temporary_dir.h"

namespace ordercast::app {
namespace {

struct DemoOptions : NodeCommand {
  DemoOptions() { serving.open = serving.desk = true; }  // its orders are nobody's

  void add_to(CLI::App& command) override {
    serving.add_to(command);
    add_shop_options(command, shop);
    command
        .add_option("--data-dir", data_dir,
                    "keep the shop here [a temporary folder, removed at the end]")
        ->type_name("DIR")
        ->envname("ORDERCAST_DATA_DIR");
    config.add_to(command);
  }
  [[nodiscard]] NodeOptions node_options() const override { return serving.node_options(); }

  pg::SimulatedShopOptions shop;
  std::string data_dir;
};

void print_invitation(const std::string& url) {
  fmt::print(
      "\n  The board:  {0}/\n  The stream: curl -N {0}/v1/streams/orders\n\n  Ctrl-C ends "
      "everything.\n",
      url);
  std::fflush(stdout);
}

void demo(const DemoOptions& options, RunningConfig running) {
  const Signals signals(options.can_reload());
  NodeOptions node_options = options.node_options();
  node_options.log = options.serving.log.start();
  std::optional<TemporaryDir> temporary;
  if (options.data_dir.empty()) temporary.emplace("ordercast-demo");
  Database database(temporary ? temporary->path() : std::filesystem::path(options.data_dir));
  if (signals.stop_asked()) return;
  auto shop_options = options.shop;
  node_options.conninfo = shop_options.conninfo = database.conninfo();
  pg::open_shop(shop_options);
  if (signals.stop_asked()) return;
  Node node(node_options);
  pg::SimulatedShop shop(shop_options);
  shop.start();
  announce("database:", database.conninfo());
  if (const auto url = node.metrics_url()) announce("metrics at", *url);
  announce("listening on", node.url());
  print_invitation(node.url());
  const auto reload = [&] { options.reload(running, node); };
  if (database.run_until(signals, reload) == Signals::Event::kTerminate) node.drain(signals);
}

}  // namespace

void add_demo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  auto* command = app.add_subcommand(
      "demo", "Run a simulated shop with its stream and board, on a private PostgreSQL");
  options->add_to(*command);
  command->callback([options, command] {
    demo(*options, RunningConfig(*command, [] { return std::make_unique<DemoOptions>(); }));
  });
}

}  // namespace ordercast::app
