// --database, as every verb that works on somebody else's database has it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ordercast::app {

inline void add_database_option(CLI::App& command, std::string& database) {
  // From the environment a password stays out of the process list.
  command.add_option("--database", database, "a PostgreSQL URL or conninfo")
      ->type_name("URL")
      ->envname("ORDERCAST_DATABASE")
      ->required();
}

}  // namespace ordercast::app
