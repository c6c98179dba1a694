#include "app/serve.h"

#include <memory>

#include "app/database.h"
#include "app/serving_options.h"
#include "app/signals.h"
#include "pg/data_dir.h"

namespace ordercast::app {
namespace {

struct ServeOptions {
  ServingOptions serving;
  std::string database;
  std::string data_dir;
};

void serve(const ServeOptions& options) {
  const Signals signals;
  NodeOptions node_options = options.serving.node_options();
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
  if (database.run_until(signals) == Signals::Event::kTerminate) node.drain(signals);
}

}  // namespace

void add_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = app.add_subcommand("serve", "Stream the changes of a database");
  options->serving.add_to(*command);
  options->serving.add_open_to(*command);
  options->serving.add_desk_to(*command);
  auto* database =
      command
          ->add_option("--database", options->database,
                       "a PostgreSQL URL or conninfo; without it, a private PostgreSQL is run")
          ->type_name("URL")
          ->envname("ORDERCAST_DATABASE");
  command
      ->add_option("--data-dir", options->data_dir,
                   "where the private PostgreSQL keeps its files [XDG data home]")
      ->type_name("DIR")
      ->envname("ORDERCAST_DATA_DIR")
      ->excludes(database);
  command->callback([options] { serve(*options); });
}

}  // namespace ordercast::app
