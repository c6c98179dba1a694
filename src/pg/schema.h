// Brings a database to the schema of this binary: the numbered files of sql/, each applied once, in
// order. Free functions, confined to the connection's thread.
//
// Each file runs in a transaction of its own together with its row in ordercast.schema_version, all
// under a session advisory lock: of two at once, one waits, then finds nothing to do. (Session
// locks need a direct connection or a pooler in session mode.)
//
// A rolling upgrade migrates first, while nodes of the older binary still serve. So a file whose
// changes they can live with (it only adds; what they call has kept its signature and its meaning)
// says so on a line of its own,
//
//     -- Readable since 14
//
// : programs that know the schema up to version 14, or further, go on working with it. Without such
// a line only programs that know the file itself do.
#pragma once

#include <functional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/embedded_file.h"

namespace ordercast::pg {

struct Migration {
  int version = 0;         // 1 of "0001_change_log.sql"
  std::string name;        // "change_log"
  int readable_since = 0;  // the oldest version whose programs go on working
};

// The schema that a database has.
struct SchemaVersion {
  int version = 0;         // 0: none
  int readable_since = 0;  // programs that know the schema up to here, or further, work with it

  // Whether a program that knows it up to `known` needs no migration and no newer program.
  [[nodiscard]] bool suits(int known) const { return version >= known && readable_since <= known; }
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

// Applies what is missing and returns it; `applied` is told of each one as it commits. To a schema
// that is newer, and readable for this binary, it does nothing. Throws MigrationError; what
// committed before stays. Not inside a transaction.
std::vector<Migration> migrate(pqxx::connection& connection, const OnMigration& applied = {},
                               const MigrationFiles& files = sql_files());

// What migrate() would apply. Changes nothing. Throws MigrationError when the schema is newer and
// not readable for this binary.
[[nodiscard]] std::vector<Migration> pending(pqxx::connection& connection,
                                             const MigrationFiles& files = sql_files());

// Needs no more than a reader's rights.
[[nodiscard]] SchemaVersion read_schema_version(pqxx::connection& connection);

// The version that a database has after migrate().
[[nodiscard]] int newest_version(const MigrationFiles& files = sql_files());

// The database's schema is not the one that this binary works with. what() says what to do.
class SchemaMismatch : public std::runtime_error {
 public:
  SchemaMismatch(std::string code, const std::string& what)
      : std::runtime_error(what), code_(std::move(code)) {}
  // "schema_missing", "schema_too_old", "schema_too_new": as /readyz says it.
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Throws SchemaMismatch when the schema is not there, or is not this binary's.
void require_schema(pqxx::connection& connection);

}  // namespace ordercast::pg
