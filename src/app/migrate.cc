#include "app/migrate.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/database_option.h"
#include "pg/connection.h"
#include "pg/schema.h"

namespace ordercast::app {
namespace {

// Of --check: a migration is due. 1 is left for what could not be found out.
constexpr int kDue = 2;

struct MigrateCommand {
  std::string database;
  bool check = false;
};

void say_nothing_due(pqxx::connection& connection) {
  const int there = pg::read_schema_version(connection).version;
  if (there <= pg::newest_version()) {
    fmt::print("nothing to do: the schema is up to date\n");
  } else {
    fmt::print(
        "nothing to do: the schema is of a newer ordercast, version {}; this one can read it\n",
        there);
  }
}

void migrate(const MigrateCommand& command) {
  const auto connection = pg::connect(command.database);
  const auto applied = pg::migrate(*connection, [](const pg::Migration& migration) {
    fmt::print("applied {:04} {}\n", migration.version, migration.name);
  });
  if (applied.empty()) say_nothing_due(*connection);
}

void check(const MigrateCommand& command) {
  const auto connection = pg::connect(command.database);
  const auto due = pg::pending(*connection);
  if (due.empty()) return say_nothing_due(*connection);
  const int there = pg::read_schema_version(*connection).version;
  for (const auto& migration : due) {
    const bool serve_on = there > 0 && migration.readable_since <= there;
    fmt::print("due {:04} {}{}\n", migration.version, migration.name,
               serve_on ? " (nodes of before go on serving)" : "");
  }
  throw CLI::RuntimeError(kDue);
}

}  // namespace

void add_migrate(CLI::App& app) {
  auto options = std::make_shared<MigrateCommand>();
  auto* command =
      app.add_subcommand("migrate", "Install or upgrade the schema `ordercast` in a database");
  add_database_option(*command, options->database);
  command->add_flag("--check", options->check,
                    "change nothing: list what is due, and end with 2 when something is, else 0");
  command->callback([options] { options->check ? check(*options) : migrate(*options); });
}

}  // namespace ordercast::app
