#include "app/migrate.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/database_option.h"
#include "pg/connection.h"
#include "pg/schema.h"

namespace ordercast::app {
namespace {

void migrate(const std::string& database) {
  const auto connection = pg::connect(database);
  const auto applied = pg::migrate(*connection, [](const pg::Migration& migration) {
    fmt::print("applied {:04} {}\n", migration.version, migration.name);
  });
  if (applied.empty()) fmt::print("nothing to do: the schema is up to date\n");
}

}  // namespace

void add_migrate(CLI::App& app) {
  auto database = std::make_shared<std::string>();
  auto* command =
      app.add_subcommand("migrate", "Install or upgrade the schema `ordercast` in a database");
  add_database_option(*command, *database);
  command->callback([database] { migrate(*database); });
}

}  // namespace ordercast::app
