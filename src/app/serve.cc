#include "app/serve.h"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>

#include "app/database.h"
#include "app/service_manager.h"
#include "app/serving_options.h"
#include "app/signals.h"
#include "pg/conninfo.h"
#include "pg/data_dir.h"

namespace ordercast::app {
namespace {

struct ServeOptions {
  ServingOptions serving;
  bool allow_insecure_database = false;
  std::string database;
  std::string data_dir;
};

// Orders, and the password, go over this way.
void require_private_way(const std::string& database) {
  const auto host = pg::insecure_host(database);
  if (!host) return;
  // What is before an '@' in a host's name is the end of a password in which it stood bare.
  const bool may_be_secret = host->find('@') != std::string::npos;
  throw std::invalid_argument(fmt::format(
      "--database leads to {} without sslmode=verify-full, so that anybody on the way can read all "
      "orders, or be the database: set it (and sslrootcert), or add --allow-insecure-database",
      may_be_secret ? "another machine" : *host));
}

ServiceManager::Signs signs_of(const Node& node) {
  return {.condition = [&node]() -> ServiceManager::Signs::Condition {
            const auto trouble = node.not_ready();
            if (!trouble) return {true, fmt::format("{} streams", node.streams())};
            return {false, fmt::format("{}: {}", trouble->code, trouble->detail)};
          },
          .lives = [&node] { return node.lives(); }};
}

void serve(const ServeOptions& options) {
  const Signals signals(options.serving.access.by_token() || options.serving.tls.given());
  NodeOptions node_options = options.serving.node_options();
  if (!options.allow_insecure_database) require_private_way(options.database);
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
  const auto reload = [&] { manager.around_reload([&] { node.reload(); }); };
  if (database.run_until(signals, reload) != Signals::Event::kTerminate) return;
  manager.stopping(node.longest_end());
  node.drain(signals);
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
      ->add_flag("--allow-insecure-database", options->allow_insecure_database,
                 "allow a database on another machine without sslmode=verify-full")
      ->envname("ORDERCAST_ALLOW_INSECURE_DATABASE");
  command
      ->add_option("--data-dir", options->data_dir,
                   "where the private PostgreSQL keeps its files [XDG data home]")
      ->type_name("DIR")
      ->envname("ORDERCAST_DATA_DIR")
      ->excludes(database);
  command->callback([options] { serve(*options); });
}

}  // namespace ordercast::app
