// A database of its own for each test, with the migrations of sql/ applied, on one private
// PostgreSQL for each test program. Copied from a template, so one costs about 50 ms; dropped, with
// its sessions, when it goes.
//
// The server starts at first use and ends with the program, however that ends. Make the first
// TestDatabase (or call test_cluster()) in a thread that lives to the end of the program, as
// Catch2's own: see pg/local_cluster.h. fsync is off: a kill of the server is survived, a crash of
// the machine would not be.
#pragma once

#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "pg/local_cluster.h"

namespace ordercast::testing {

// Where a test's server should live (TempDir): in memory where there is enough of it, which starts
// and copies many times faster than a busy disk; else /tmp.
[[nodiscard]] std::filesystem::path server_root();

// Settings that make a server of tests fast, for LocalClusterOptions::settings.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> fast_settings();

// The server that the TestDatabases of this program share. A test may stop, kill and start it, and
// leaves it running.
[[nodiscard]] pg::LocalCluster& test_cluster();

class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // A conninfo for libpq, psql and --database.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  // A session of its own, as the superuser.
  [[nodiscard]] std::unique_ptr<pqxx::connection> connect() const;

  // In the database's own session (opened at first use, again after a restart), which commits each
  // call by itself. The text may hold several statements.
  pqxx::result exec(const std::string& sql);
  // The first column of the only row; "" for NULL.
  std::string scalar(const std::string& sql);
  // Ends the role's sessions, and drops it with all its rights here.
  void drop_role(const std::string& role);
  // The rows of a stream as clients are sent them: key and row, both JSON text.
  pqxx::result present_rows(const std::string& stream);

 private:
  std::string name_;
  std::unique_ptr<pqxx::connection> session_;
};

}  // namespace ordercast::testing
