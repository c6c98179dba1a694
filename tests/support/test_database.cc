#include "support/test_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <chrono>

#include "base/unique_fd.h"
#include "pg/connection.h"
#include "pg/schema.h"
#include "support/eventually.h"
#include "support/temp_dir.h"

namespace ordercast::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTemplate = "ordercast_template";

constexpr const char* kDataDir = "pg";

// As long as the longest test may take.
constexpr std::chrono::minutes kLongestTest{10};

// A test program that was killed could not tidy up, and its files may be in memory. The lock of the
// running is held (data_dir.h), but for the moments in which they take it.
void remove_left_over(const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    if (!entry.path().filename().native().starts_with(TempDir::kPrefix)) continue;
    const auto file = entry.path() / kDataDir / "ordercast.lock";
    const auto taken = fs::last_write_time(file, error);
    if (error || taken > fs::file_time_type::clock::now() - kLongestTest) continue;
    const UniqueFd lock(::open(file.c_str(), O_RDWR | O_CLOEXEC));
    if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), error);
  }
}

fs::path tidied(fs::path root) {
  remove_left_over(root);
  return root;
}

class SharedServer {
 public:
  SharedServer()
      : cluster_({.data_dir = dir_.path() / kDataDir,
                  .database = kTemplate,
                  .settings = fast_settings(),
                  .predecessor_limit = kPatience}) {
    pqxx::connection connection(cluster_.conninfo());
    knows_strategy_ = connection.server_version() >= 150000;
    pg::migrate(connection);
  }

  [[nodiscard]] bool knows_strategy() const { return knows_strategy_; }
  pg::LocalCluster& cluster() { return cluster_; }
  std::string next_name() { return fmt::format("test_{}", ++databases_); }

 private:
  TempDir dir_{tidied(server_root())};
  pg::LocalCluster cluster_;
  int databases_ = 0;
  bool knows_strategy_ = false;
};

SharedServer& shared_server() {
  static SharedServer server;
  return server;
}

void administer(const std::string& sql) {
  pqxx::connection connection(test_cluster().conninfo("postgres"));
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace

fs::path server_root() {
  constexpr std::uintmax_t kEnough = std::uintmax_t{2} << 30;  // a container has 64 MB by default
  std::error_code error;
  const auto space = fs::space("/dev/shm", error);
  return !error && space.available >= kEnough ? "/dev/shm" : "/tmp";
}

std::vector<std::pair<std::string, std::string>> fast_settings() {
  return {{"fsync", "off"}, {"full_page_writes", "off"}, {"max_wal_size", "128MB"}};
}

pg::LocalCluster& test_cluster() {
  return shared_server().cluster();
}

TestDatabase::TestDatabase() : name_(shared_server().next_name()) {
  // PostgreSQL 15's default, WAL_LOG, takes eight times as long with 16 MB of shared buffers; those
  // before know no other than this.
  administer(fmt::format("CREATE DATABASE {} TEMPLATE {}{}", name_, kTemplate,
                         shared_server().knows_strategy() ? " STRATEGY file_copy" : ""));
}

TestDatabase::~TestDatabase() {
  session_.reset();
  try {
    administer(fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
  } catch (const std::exception&) {
    // The test left the server down; the folder goes with the program.
  }
}

std::string TestDatabase::url() const {
  return test_cluster().conninfo(name_);
}

std::unique_ptr<pqxx::connection> TestDatabase::connect() const {
  return std::make_unique<pqxx::connection>(url());
}

pqxx::result TestDatabase::exec(const std::string& sql) {
  if (!session_ || pg::has_ended(*session_)) session_ = connect();
  return pqxx::nontransaction(*session_).exec(sql);
}

void TestDatabase::drop_role(const std::string& role) {
  const auto of_role = fmt::format(" FROM pg_stat_activity WHERE usename = '{}'", role);
  // With a time-out pg_terminate_backend() would wait by itself, but only since PostgreSQL 14.
  exec("SELECT pg_terminate_backend(pid)" + of_role);
  static_cast<void>(eventually([&] { return scalar("SELECT count(*)" + of_role) == "0"; }));
  exec(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

pqxx::result TestDatabase::present_rows(const std::string& stream) {
  exec("BEGIN READ ONLY");
  const auto cursor = scalar("SELECT ordercast.open_rows('" + stream + "')");
  auto rows = exec("FETCH ALL FROM \"" + cursor + '"');
  exec("COMMIT");
  return rows;
}

std::string TestDatabase::scalar(const std::string& sql) {
  const auto result = exec(sql);
  if (result.size() != 1)
    throw std::runtime_error(fmt::format("{} rows from {}", result.size(), sql));
  return result[0][0].is_null() ? "" : result[0][0].c_str();
}

}  // namespace ordercast::testing
