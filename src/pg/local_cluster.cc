#include "pg/local_cluster.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <pqxx/pqxx>
#include <string_view>
#include <thread>

#include "base/backoff.h"
#include "pg/server_log.h"

namespace ordercast::pg {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kSuperuser = "postgres";

// An allow list: tokens and keys in our environment are no business of the server, and PGDATA, LANG
// or systemd's NOTIFY_SOCKET would change what it does. The last four serve containers without a
// passwd entry.
constexpr std::array kInheritedNames = {"PATH",
                                        "TZ",
                                        "TMPDIR",
                                        "LD_LIBRARY_PATH",
                                        "LD_PRELOAD",
                                        "NSS_WRAPPER_PASSWD",
                                        "NSS_WRAPPER_GROUP"};

std::vector<std::string> server_environment() {
  // Also makes its messages English, which holds_stale_lock() reads.
  std::vector<std::string> environment{"LC_ALL=C.UTF-8"};
  for (const char* name : kInheritedNames) {
    if (const char* value = std::getenv(name))
      environment.push_back(fmt::format("{}={}", name, value));
  }
  return environment;
}

Binaries binaries_for(const DataDir& data, const std::vector<fs::path>& dirs) {
  const auto major = data.major();
  try {
    return find_binaries(dirs, major);
  } catch (const BinariesNotFound& missing) {
    if (!major) throw;
    throw BinariesNotFound(
        fmt::format("{}: made by PostgreSQL {}. {}. Install the package postgresql-{}, or choose "
                    "another --data-dir "
                    "(pg_upgrade carries the data to a newer version)",
                    data.path().string(), *major, missing.what(), *major));
  }
}

// A predecessor is still ending, or its processes still hold its shared memory: both pass by
// themselves.
bool held_by_predecessor(std::string_view log) {
  return log.find("lock file \"postmaster.pid\" already exists") != log.npos ||
         log.find("pre-existing shared memory block") != log.npos ||
         log.find("Is another postmaster") != log.npos;
}

// The file is never deleted here: two servers on one folder would destroy it.
std::string predecessor_hint(const DataDir& data) {
  const auto pid = data.postmaster().value_or(0);
  return fmt::format(
      "\nIf process {0} is a PostgreSQL on this folder, stop it (kill -INT {0}); if it is "
      "something else, "
      "{1} is left over from a crash and may be deleted",
      pid, (data.cluster() / "postmaster.pid").string());
}

std::string quoted(const std::string& tail) {
  return tail.empty() ? "" : fmt::format(":\n{}", tail);
}

}  // namespace

LocalCluster::LocalCluster(LocalClusterOptions options)
    : options_(std::move(options)),
      user_(ServerUser::choose()),
      data_(options_.data_dir, user_),
      binaries_(binaries_for(data_, options_.binary_dirs)),
      sockets_(data_.sockets(), user_, SocketDir::default_roots(user_)) {
  if (!data_.major()) init();
  start();
  create_database();
}

LocalCluster::~LocalCluster() {
  stop();
}

// Into a folder of its own first: an initdb that was killed half-way leaves no PG_VERSION behind
// that would pass for a cluster.
void LocalCluster::init() {
  const fs::path unfinished = data_.path() / "pgdata.unfinished";
  fs::remove_all(unfinished);
  const ServerLog log(data_.log());
  auto initdb =
      spawn({binaries_.initdb, "-D", unfinished, "-U", kSuperuser, "-E", "UTF8", "--locale=C.UTF-8",
             "--auth-local=trust", "--auth-host=reject", "--no-sync"});
  const auto status = initdb.wait(kInitLimit);
  if (!status || !status->success()) {
    throw LocalClusterError(fmt::format("initdb in {} {}{}", data_.path().string(),
                                        status ? status->text() : "took too long",
                                        quoted(log.tail())));
  }
  fs::rename(unfinished, data_.cluster());
}

ChildProcess LocalCluster::spawn(std::vector<std::string> argv) const {
  SpawnOptions options;
  options.argv = std::move(argv);
  options.environment = server_environment();
  if (user_.other) options.run_as = user_.ids;
  options.working_dir = data_.path();
  options.output_file = data_.log();
  options.death_signal = SIGINT;
  try {
    return ChildProcess::spawn(options);
  } catch (const SpawnError& error) {
    if (error.step() != SpawnError::Step::kEnterDirectory) throw;
    throw DataDirError(explain_unreachable(data_.path(), user_));
  }
}

std::vector<std::string> LocalCluster::server_command() const {
  std::vector<std::string> argv{binaries_.postgres, "-D", data_.cluster()};
  const auto set = [&](std::string_view name, std::string_view value) {
    argv.insert(argv.end(), {"-c", fmt::format("{}={}", name, value)});
  };
  set("listen_addresses", "");
  set("port", std::to_string(SocketDir::kPort));
  set("unix_socket_directories", sockets_.path().native());
  set("unix_socket_permissions", "0700");
  set("shared_buffers", "16MB");
  set("dynamic_shared_memory_type", "mmap");  // /dev/shm is 64 MB in a container
  set("logging_collector", "off");
  set("log_checkpoints", "off");  // a line each five minutes otherwise, for ever
  set("cluster_name", "ordercast");
  for (const auto& [name, value] : options_.settings) set(name, value);
  return argv;
}

void LocalCluster::start() {
  if (running()) return;
  const auto argv = server_command();
  const auto deadline = Clock::now() + options_.predecessor_limit;
  Backoff backoff(milliseconds(50), milliseconds(1000), random_up_to);
  for (;;) {
    const ServerLog log(data_.log());
    server_.emplace(spawn(argv));
    if (wait_until_ready()) return;
    const auto ended = server_->wait(milliseconds(0));
    stop(Stop::kImmediate);
    const auto tail = log.tail();
    const bool held = ended && held_by_predecessor(tail);
    if (held && Clock::now() < deadline) {
      std::this_thread::sleep_for(backoff.next());
      continue;
    }
    throw LocalClusterError(fmt::format("the private PostgreSQL in {} did not start, it {}{}{}",
                                        data_.path().string(),
                                        ended ? ended->text() : "took too long", quoted(tail),
                                        held ? predecessor_hint(data_) : ""));
  }
}

// By connecting, as pg_ctl does; and postmaster.pid must name our child, for a predecessor may
// still answer.
bool LocalCluster::wait_until_ready() {
  const auto deadline = Clock::now() + kStartLimit;
  Backoff backoff(milliseconds(5), milliseconds(100), random_up_to);
  while (Clock::now() < deadline) {
    if (server_->wait(backoff.next())) return false;
    if (data_.postmaster() != server_->pid()) continue;
    try {
      const pqxx::connection ready(conninfo("postgres"));
      return true;
    } catch (const pqxx::broken_connection&) {
      continue;
    }
  }
  return false;
}

void LocalCluster::create_database() {
  pqxx::connection connection(conninfo("postgres"));
  pqxx::nontransaction work(connection);
  const auto found =
      work.exec_params("SELECT FROM pg_database WHERE datname = $1", options_.database);
  if (found.empty()) work.exec("CREATE DATABASE " + work.quote_name(options_.database));
}

void LocalCluster::stop(Stop how) {
  if (!server_) return;
  if (how == Stop::kFast) {
    server_->signal(SIGINT);
    if (!server_->wait(kFastStopLimit)) how = Stop::kImmediate;
  }
  if (how == Stop::kImmediate) {
    server_->signal(SIGQUIT);
    server_->wait(kImmediateStopLimit);
  }
  server_.reset();  // kills what still runs
}

bool LocalCluster::running() {
  return server_ && !server_->wait(milliseconds(0));
}

int LocalCluster::exit_fd() const {
  return server_ ? server_->exit_fd() : -1;
}

pid_t LocalCluster::postmaster() const {
  return server_ ? server_->pid() : -1;
}

std::string LocalCluster::conninfo(const std::string& database) const {
  return fmt::format("host={} port={} dbname={} user={}", sockets_.path().native(),
                     SocketDir::kPort, database, kSuperuser);
}

}  // namespace ordercast::pg
