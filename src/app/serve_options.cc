#include "app/serve_options.h"

#include <fmt/format.h>

#include <stdexcept>

#include "app/setting.h"
#include "pg/conninfo.h"

namespace ordercast::app {
namespace {

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

}  // namespace

void ServeOptions::add_to(CLI::App& command) {
  serving.add_to(command);
  serving.add_open_to(command);
  serving.add_desk_to(command);
  auto* url = command
                  .add_option("--database", database,
                              "a PostgreSQL URL or conninfo [a private PostgreSQL is run]")
                  ->type_name("URL")
                  ->envname("ORDERCAST_DATABASE");
  command
      .add_flag("--allow-insecure-database", allow_insecure_database,
                "allow a database on another machine without sslmode=verify-full")
      ->envname("ORDERCAST_ALLOW_INSECURE_DATABASE");
  command
      .add_option("--data-dir", data_dir,
                  "where the private PostgreSQL keeps its files [XDG data home]")
      ->type_name("DIR")
      ->envname("ORDERCAST_DATA_DIR")
      ->excludes(url);
  config.add_to(command);
}

std::vector<std::string> serve_keys() {
  ServeOptions options;
  CLI::App app;
  options.add_to(app);
  std::vector<std::string> keys;
  for (const auto& setting : Setting::all_of(app)) keys.push_back(setting.key());
  return keys;
}

NodeOptions ServeOptions::node_options() const {
  NodeOptions options = serving.node_options();
  if (!allow_insecure_database) require_private_way(database);
  return options;
}

}  // namespace ordercast::app
