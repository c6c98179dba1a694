#include "app/serve.h"

#include <fmt/format.h>

#include <memory>

#include "app/database.h"
#include "app/running_config.h"
#include "app/serve_options.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "pg/data_dir.h"

namespace ordercast::app {
namespace {

ServiceManager::Signs signs_of(const Node& node) {
  return {.condition = [&node]() -> ServiceManager::Signs::Condition {
            const auto trouble = node.not_ready();
            if (!trouble) return {true, fmt::format("{} streams", node.streams())};
            return {false, fmt::format("{}: {}", trouble->code, trouble->detail)};
          },
          .lives = [&node] { return node.lives(); }};
}

void serve(const ServeOptions& options, RunningConfig running) {
  const Signals signals(options.can_reload());
  NodeOptions node_options = options.node_options();
  node_options.log = options.serving.log.start();
  Database database =
      options.database.empty()
          ? Database(options.data_dir.empty() ? pg::default_data_dir()
                                              : std::filesystem::path(options.data_dir))
          : Database(options.database);
  if (signals.stop_asked()) return;
  node_options.conninfo = database.conninfo();
  Node node(node_options);
  if (database.is_private()) announce("database:", database.conninfo());
  if (const auto url = node.metrics_url()) announce("metrics at", *url);
  announce("listening on", node.url());
  ServiceManager manager(signs_of(node));
  const auto reload = [&] { manager.around_reload([&] { options.reload(running, node); }); };
  if (database.run_until(signals, reload) != Signals::Event::kTerminate) return;
  manager.stopping(node.longest_end());
  node.drain(signals);
}

}  // namespace

void add_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = app.add_subcommand("serve", "Stream the changes of a database");
  options->add_to(*command);
  command->callback([options, command] {
    serve(*options, RunningConfig(*command, [] { return std::make_unique<ServeOptions>(); }));
  });
}

}  // namespace ordercast::app
