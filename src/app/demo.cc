#include "app/demo.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/database.h"
#include "app/serving_options.h"
#include "app/shop_options.h"
#include "app/signals.h"
#include "app/temporary_dir.h"

namespace ordercast::app {
namespace {

struct DemoOptions {
  ServingOptions serving;
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

void demo(DemoOptions options) {
  const Signals signals(options.serving.access.by_token() || options.serving.tls.given());
  NodeOptions node_options = options.serving.node_options();
  node_options.log = options.serving.log.start();
  std::optional<TemporaryDir> temporary;
  if (options.data_dir.empty()) temporary.emplace("ordercast-demo");
  Database database(temporary ? temporary->path() : std::filesystem::path(options.data_dir));
  if (signals.stop_asked()) return;
  node_options.conninfo = options.shop.conninfo = database.conninfo();
  pg::open_shop(options.shop);
  if (signals.stop_asked()) return;
  Node node(node_options);
  pg::SimulatedShop shop(options.shop);
  shop.start();
  announce("database:", database.conninfo());
  if (const auto url = node.metrics_url()) announce("metrics at", *url);
  announce("listening on", node.url());
  print_invitation(node.url());
  if (database.run_until(signals, [&] { node.reload(); }) == Signals::Event::kTerminate)
    node.drain(signals);
}

}  // namespace

void add_demo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  auto* command = app.add_subcommand(
      "demo", "Run a simulated shop with its stream and board, on a private PostgreSQL");
  options->serving.add_to(*command);
  options->serving.open = options->serving.desk = true;  // its orders are nobody's
  add_shop_options(*command, options->shop);
  command
      ->add_option("--data-dir", options->data_dir,
                   "keep the shop here [a temporary folder, removed at the end]")
      ->type_name("DIR")
      ->envname("ORDERCAST_DATA_DIR");
  command->callback([options] { demo(*options); });
}

}  // namespace ordercast::app
