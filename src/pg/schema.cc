#include "pg/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

namespace ordercast::pg {
namespace {

// A random constant: "nobody else's" key for the advisory lock of migrations.
constexpr long long kMigrationLock = 5184920317746620831;
// A migration takes milliseconds; one that waits for a table of a busy shop may take longer.
constexpr const char* kLockLimit = "60s";
constexpr const char* kLockNotAvailable = "55P03";

// A deadlock takes PostgreSQL a second to find (deadlock_timeout).
constexpr int kAttempts = 5;

constexpr std::string_view kReadableSince = "-- Readable since ";

struct File {
  Migration migration;
  std::string_view sql;
};

// What the file says of older programs; its own version when it says nothing.
int readable_since(std::string_view sql, int version) {
  auto begin = sql.find(kReadableSince);
  if (begin == sql.npos) return version;
  begin += kReadableSince.size();
  int since = 0;
  const auto [end, error] = std::from_chars(sql.data() + begin, sql.data() + sql.size(), since);
  if (error != std::errc{} || since > version) {
    throw MigrationError(
        fmt::format("migration {} does not say since when it is readable", version));
  }
  return since;
}

std::optional<File> parse(const EmbeddedFile& file) {
  std::string_view name = file.name;
  int version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (error != std::errc{} || version <= 0) return std::nullopt;
  name.remove_prefix(static_cast<std::size_t>(end - name.data()));
  if (name.starts_with('_')) name.remove_prefix(1);
  if (name.ends_with(".sql")) name.remove_suffix(4);
  return File{{version, std::string(name), readable_since(file.bytes, version)}, file.bytes};
}

std::vector<File> numbered(const MigrationFiles& files) {
  std::vector<File> result;
  for (const auto& each : files) {
    if (auto file = parse(each)) result.push_back(std::move(*file));
  }
  const auto version = [](const File& file) { return file.migration.version; };
  std::ranges::sort(result, {}, version);
  const auto twice = std::ranges::adjacent_find(result, {}, version);
  if (twice != result.end()) {
    throw MigrationError(fmt::format("two migrations have the number {}", version(*twice)));
  }
  return result;
}

class MigrationLock {
 public:
  explicit MigrationLock(pqxx::connection& connection) : connection_(connection) {
    pqxx::work work(connection_);
    try {
      work.exec(fmt::format("SET LOCAL lock_timeout = '{}'", kLockLimit));
      work.exec_params("SELECT pg_catalog.pg_advisory_lock($1)", kMigrationLock);
    } catch (const pqxx::sql_error& error) {
      if (error.sqlstate() != kLockNotAvailable) throw;
      throw MigrationError(fmt::format(
          "another migration of this database has been running for {}: try again when it "
          "has ended",
          kLockLimit));
    }
    work.commit();
  }
  // A broken connection has given the lock back already.
  ~MigrationLock() {
    try {
      pqxx::nontransaction(connection_)
          .exec_params("SELECT pg_catalog.pg_advisory_unlock($1)", kMigrationLock);
    } catch (const std::exception&) {
    }
  }
  MigrationLock(const MigrationLock&) = delete;
  MigrationLock& operator=(const MigrationLock&) = delete;

 private:
  pqxx::connection& connection_;
};

void create_version_table(pqxx::connection& connection) {
  pqxx::work work(connection);
  work.exec(
      "SET LOCAL client_min_messages = warning;"
      "CREATE SCHEMA IF NOT EXISTS ordercast;"
      "CREATE TABLE IF NOT EXISTS ordercast.schema_version ("
      "  version int PRIMARY KEY, name text NOT NULL,"
      "  applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp())");
  // Asked first, because ALTER TABLE locks the table also when there is nothing to do, and would
  // wait for a dump.
  const bool has_column =
      !work.exec(
               "SELECT FROM pg_catalog.pg_attribute"
               " WHERE attrelid = 'ordercast.schema_version'::pg_catalog.regclass"
               " AND attname = 'readable_since'")
           .empty();
  // Null: only programs that know the version itself can read it.
  if (!has_column) work.exec("ALTER TABLE ordercast.schema_version ADD readable_since int");
  work.commit();
}

std::set<int> applied_versions(pqxx::connection& connection) {
  pqxx::work work(connection);
  const auto table = work.exec1("SELECT pg_catalog.to_regclass('ordercast.schema_version')");
  std::set<int> versions;
  if (table[0].is_null()) return versions;
  for (const auto& row : work.exec("SELECT version FROM ordercast.schema_version")) {
    versions.insert(row[0].as<int>());
  }
  return versions;
}

std::vector<File> missing(pqxx::connection& connection, const MigrationFiles& files) {
  auto all = numbered(files);
  const auto done = applied_versions(connection);
  const int newest = newest_version(files);
  const auto there = read_schema_version(connection);
  if (there.readable_since > newest) {
    throw MigrationError(fmt::format(
        "the database has schema version {}, this ordercast knows up to {}: use the newer "
        "ordercast that migrated it",
        there.version, newest));
  }
  std::erase_if(all, [&](const File& file) { return done.contains(file.migration.version); });
  return all;
}

void apply_once(pqxx::connection& connection, const File& file) {
  const auto& [version, name, since] = file.migration;
  pqxx::work work(connection);
  work.exec(std::string(file.sql));
  work.exec_params0(
      "INSERT INTO ordercast.schema_version (version, name, readable_since) VALUES ($1, $2, $3)",
      version, name, since);
  work.commit();
}

// Who serves or writes meanwhile may hold what a migration wants, and wait for what it has: then
// PostgreSQL ends one of the two, at times this one.
void apply(pqxx::connection& connection, const File& file) {
  for (int attempt = 1;; ++attempt) {
    std::string why;
    try {
      return apply_once(connection, file);
    } catch (const pqxx::transaction_rollback& error) {  // a deadlock
      if (attempt < kAttempts) continue;
      why = error.what();
    } catch (const pqxx::sql_error& error) {
      why = error.what();
    }
    throw MigrationError(fmt::format("migration {} ({}) failed and changed nothing: {}",
                                     file.migration.version, file.migration.name, why));
  }
}

}  // namespace

SchemaVersion read_schema_version(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  if (query.exec1("SELECT pg_catalog.to_regclass('ordercast.schema_version')")[0].is_null()) {
    return {};
  }
  // By its JSON, because a schema of before has no such column.
  const auto row = query.exec1(
      "SELECT coalesce(max(version), 0), coalesce(max(coalesce("
      "  (pg_catalog.to_jsonb(v) ->> 'readable_since')::int, version)), 0)"
      " FROM ordercast.schema_version v");
  return {row[0].as<int>(), row[1].as<int>()};
}

int newest_version(const MigrationFiles& files) {
  const auto all = numbered(files);
  return all.empty() ? 0 : all.back().migration.version;
}

std::vector<Migration> migrate(pqxx::connection& connection, const OnMigration& applied,
                               const MigrationFiles& files) {
  const MigrationLock lock(connection);
  const auto todo = missing(connection, files);
  create_version_table(connection);
  std::vector<Migration> result;
  for (const auto& file : todo) {
    apply(connection, file);
    result.push_back(file.migration);
    if (applied) applied(file.migration);
  }
  return result;
}

std::vector<Migration> pending(pqxx::connection& connection, const MigrationFiles& files) {
  std::vector<Migration> result;
  for (auto& file : missing(connection, files)) result.push_back(std::move(file.migration));
  return result;
}

void require_schema(pqxx::connection& connection) {
  const auto there = read_schema_version(connection);
  const int known = newest_version();
  if (there.version == 0) {
    throw SchemaMismatch(
        "schema_missing",
        "the database has no Ordercast schema: run `ordercast migrate --database …`");
  }
  if (there.version < known) {
    throw SchemaMismatch("schema_too_old",
                         fmt::format("the database has schema version {}, this ordercast needs {}: "
                                     "run `ordercast migrate --database …`",
                                     there.version, known));
  }
  if (!there.suits(known)) {
    throw SchemaMismatch(
        "schema_too_new",
        fmt::format("the database has schema version {}, which programs can read that know {}; "
                    "this ordercast knows up to {}: run the newer ordercast that migrated it",
                    there.version, there.readable_since, known));
  }
}

}  // namespace ordercast::pg
