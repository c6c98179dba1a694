// Brings a database to the schema of this binary: the numbered files of sql/, each applied once, in
// order. Free functions, confined to the connection's thread.
//
// Each file runs in a transaction of its own together with its row in ordercast.schema_version, all
// under a session advisory lock: of two at once, one waits, then finds nothing to do. (Session
// locks need a direct connection or a pooler in session mode.)
#pragma once

#include <functional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/embedded_file.h"

namespace ordercast::pg {

struct Migration {
  int version = 0;   // 1 of "0001_change_log.sql"
  std::string name;  // "change_log"
};

// The database was migrated by a newer binary, another migration holds the lock too long, or a file
// failed.
struct MigrationError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Files whose names do not begin with a number are no migrations (the demo shop's tables) and are
// ignored.
using MigrationFiles = std::vector<EmbeddedFile>;
using OnMigration = std::function<void(const Migration&)>;

// Applies what is missing and returns it; `applied` is told of each one as it commits. Throws
// MigrationError; what committed before stays. Not inside a transaction.
std::vector<Migration> migrate(pqxx::connection& connection, const OnMigration& applied = {},
                               const MigrationFiles& files = sql_files());

// What migrate() would apply. Changes nothing. Throws MigrationError when the database is newer.
[[nodiscard]] std::vector<Migration> pending(pqxx::connection& connection,
                                             const MigrationFiles& files = sql_files());

// The version that a database has after migrate().
[[nodiscard]] int newest_version(const MigrationFiles& files = sql_files());

}  // namespace ordercast::pg
