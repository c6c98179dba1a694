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

struct File {
  Migration migration;
  std::string_view sql;
};

std::optional<File> parse(const EmbeddedFile& file) {
  std::string_view name = file.name;
  int version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (error != std::errc{} || version <= 0) return std::nullopt;
  name.remove_prefix(static_cast<std::size_t>(end - name.data()));
  if (name.starts_with('_')) name.remove_prefix(1);
  if (name.ends_with(".sql")) name.remove_suffix(4);
  return File{{version, std::string(name)}, file.bytes};
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
  if (!done.empty() && *done.rbegin() > newest) {
    throw MigrationError(fmt::format(
        "the database has schema version {}, this ordercast knows up to {}: use the newer "
        "ordercast that migrated it",
        *done.rbegin(), newest));
  }
  std::erase_if(all, [&](const File& file) { return done.contains(file.migration.version); });
  return all;
}

void apply(pqxx::connection& connection, const File& file) {
  const auto& [version, name] = file.migration;
  try {
    pqxx::work work(connection);
    work.exec(std::string(file.sql));
    work.exec_params0("INSERT INTO ordercast.schema_version (version, name) VALUES ($1, $2)",
                      version, name);
    work.commit();
  } catch (const pqxx::sql_error& error) {
    throw MigrationError(fmt::format("migration {} ({}) failed and changed nothing: {}", version,
                                     name, error.what()));
  }
}

}  // namespace

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

}  // namespace ordercast::pg
