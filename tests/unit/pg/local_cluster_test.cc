#include "pg/local_cluster.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <pqxx/pqxx>
#include <sstream>

#include "support/child_process.h"
#include "support/eventually.h"
#include "support/forked.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::Forked;
using testing::output_of;
using testing::TempDir;
using testing::TestProcess;
namespace fs = std::filesystem;

LocalClusterOptions options_for(const fs::path& data_dir) {
  return {.data_dir = data_dir,
          .settings = testing::fast_settings(),
          .predecessor_limit = testing::kPatience};
}

std::string ask(const std::string& conninfo, const std::string& sql) {
  return output_of({"psql", "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", conninfo, "-c", sql});
}

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// What `body` says, after its server has ended: a Forked is killed as soon as it has reported.
std::string with_cluster(const fs::path& data_dir,
                         const std::function<std::string(LocalCluster&)>& body) {
  LocalCluster cluster(options_for(data_dir));
  return body(cluster);
}

// A data directory as a first start left it, made once and copied: initdb takes about a second.
void copy_initialised(const fs::path& to) {
  static const TempDir made(testing::server_root());
  static const bool once = [] {
    const LocalCluster cluster(options_for(made.path() / "data"));
    return true;
  }();
  REQUIRE(once);
  output_of({"cp", "-a", made.path() / "data", to});
}

TEST_CASE(
    "A first start makes a UTF-8 server that psql reaches with the printed conninfo, whatever the "
    "environment") {
  const TempDir temp(testing::server_root());
  for (const char* name : {"LANG", "LC_ALL", "LANGUAGE"}) ::unsetenv(name);
  ::setenv("PGDATA", "/nowhere", 1);
  ::setenv("PGPORT", "1", 1);
  ::setenv("ORDERCAST_TEST_SECRET", "hunter2", 1);
  const LocalCluster cluster(options_for(temp.path() / "data"));
  CHECK(ask(cluster.conninfo(),
            "SELECT current_database(), current_setting('server_encoding'), datcollate,"
            " current_setting('listen_addresses') FROM pg_database WHERE datname = "
            "current_database()") == "ordercast|UTF8|C.UTF-8|\n");
  ::unsetenv("PGDATA");
  ::unsetenv("PGPORT");
  ::unsetenv("ORDERCAST_TEST_SECRET");
  ::setenv("LANG", "C.UTF-8", 1);

  const auto process = fs::path("/proc") / std::to_string(cluster.postmaster());
  CHECK_THAT(content(process / "environ"), !Contains("hunter2"));
  CHECK_THAT(content(process / "status"),
             Contains("Uid:\t" + std::to_string(ServerUser::choose().ids.uid) + "\t"));
  struct stat socket {};
  REQUIRE(::stat((cluster.data_dir().sockets() / ".s.PGSQL.5432").c_str(), &socket) == 0);
  CHECK((socket.st_mode & 0777) == 0700);
}

TEST_CASE("Data are there again at the next start, and initdb is not run again") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  auto options = options_for(temp.path() / "data");
  {
    const LocalCluster cluster(options);
    ask(cluster.conninfo(), "CREATE TABLE kept AS SELECT 42 AS answer");
  }
  options.database = "another";
  const LocalCluster cluster(options);
  CHECK(ask(cluster.conninfo("ordercast"), "SELECT answer FROM kept") == "42\n");
  CHECK(ask(cluster.conninfo(), "SELECT current_database()") == "another\n");
}

TEST_CASE("A normal user runs a server as themselves and reaches it with psql") {
  if (::geteuid() != 0) return;  // then all the other cases show it
  constexpr UserIds kNobody{65534, 65534};
  const TempDir temp(testing::server_root());
  REQUIRE(::chown(temp.path().c_str(), kNobody.uid, kNobody.gid) == 0);
  Forked nobody(
      [&](const Forked::Report& report) {
        ::setenv("HOME", temp.path().c_str(), 1);
        ::unsetenv("XDG_DATA_HOME");
        report(with_cluster(default_data_dir(), [](LocalCluster& cluster) {
          return ask(cluster.conninfo(), "SELECT 'up'") +
                 content("/proc/" + std::to_string(cluster.postmaster()) + "/status");
        }));
      },
      kNobody);
  CHECK_THAT(nobody.report(), Catch::StartsWith("up\n") && Contains("Uid:\t65534\t"));
}

TEST_CASE("A path that is too long or odd for a socket still makes a server that psql reaches") {
  const TempDir temp(testing::server_root());
  const auto odd = temp.path() / (std::string(120, 'x') + ", it's odd");
  copy_initialised(odd);
  fs::path sockets;
  {
    const LocalCluster cluster(options_for(odd));
    CHECK(ask(cluster.conninfo(), "SELECT 1") == "1\n");
    std::istringstream words(cluster.conninfo());
    std::string host;
    words >> host;
    sockets = host.substr(std::string("host=").size());
    CHECK(fs::exists(sockets));
  }
  CHECK_FALSE(fs::exists(sockets));
}

TEST_CASE(
    "A second Ordercast on the same data directory is refused, and the first is not disturbed") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  const LocalCluster first(options_for(temp.path() / "data"));
  CHECK_THROWS_WITH(LocalCluster(options_for(temp.path() / "data")), Contains("another Ordercast"));
  CHECK(ask(first.conninfo(), "SELECT 1") == "1\n");
}

TEST_CASE("Data of another major version are refused with the way out, and left alone") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  const auto version = temp.path() / "data" / "pgdata" / "PG_VERSION";
  std::ofstream(version) << "9.6\n";
  CHECK_THROWS_WITH(
      LocalCluster(options_for(temp.path() / "data")),
      Contains("made by PostgreSQL 9") && Contains("postgresql-9") && Contains("pg_upgrade"));
  CHECK(content(version) == "9.6\n");
}

TEST_CASE("Without the server's programs the error names the package") {
  const TempDir temp(testing::server_root());
  auto options = options_for(temp.path() / "data");
  options.binary_dirs = {temp.path()};
  CHECK_THROWS_WITH(LocalCluster(options), Contains("apt-get install postgresql"));
}

TEST_CASE("A data directory behind a closed folder is explained") {
  if (::geteuid() != 0) return;  // anybody else's server runs as they themselves
  const TempDir temp(testing::server_root());
  fs::permissions(temp.path(), fs::perms(0700));
  CHECK_THROWS_WITH(LocalCluster(options_for(temp.path() / "data")),
                    Contains("may not enter " + temp.path().string() + " "));
}

TEST_CASE("A failed initdb is quoted, and the next start begins anew") {
  const TempDir temp(testing::server_root());
  const TempDir bin_dir;  // memory file systems are often mounted noexec
  const auto& bin = bin_dir.path();
  const auto real = find_binaries(binary_dirs());
  fs::create_symlink(real.postgres, bin / "postgres");
  std::ofstream(bin / "initdb") << "#!/bin/sh\nmkdir \"$2\"; echo 15 > \"$2/PG_VERSION\"\n"
                                   "echo 'initdb: no space left'; exit 1\n";
  fs::permissions(bin / "initdb", fs::perms(0755));
  auto options = options_for(temp.path() / "data");
  options.binary_dirs = {bin};
  CHECK_THROWS_WITH(LocalCluster(options),
                    Contains("exited with status 1") && Contains("initdb: no space left"));
  CHECK_NOTHROW(LocalCluster(options_for(temp.path() / "data")));
}

TEST_CASE("A server that does not start is quoted from its log") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  auto options = options_for(temp.path() / "data");
  options.settings.emplace_back("shared_preload_libraries", "no_such_library");
  CHECK_THROWS_WITH(LocalCluster(options),
                    Contains("did not start, it exited with status 1") &&
                        Contains("could not access file \"no_such_library\""));
}

TEST_CASE("A server dies with its parent, and the next one starts at once on the same data") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  Forked parent([&](const Forked::Report& report) {
    const LocalCluster cluster(options_for(temp.path() / "data"));
    ask(cluster.conninfo(), "CREATE TABLE kept AS SELECT 42 AS answer");
    report(std::to_string(cluster.postmaster()));
    ::pause();
  });
  const auto postmaster = testing::watch_process(std::stoi(parent.report()));
  parent.kill();
  // Most likely before the old server has ended.
  const LocalCluster successor(options_for(temp.path() / "data"));
  CHECK(testing::ends(postmaster));
  CHECK(ask(successor.conninfo(), "SELECT answer FROM kept") == "42\n");
}

TEST_CASE("A start waits for a predecessor that is still ending") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  Forked parent([&](const Forked::Report& report) {
    LocalCluster cluster(options_for(temp.path() / "data"));
    report(std::to_string(cluster.postmaster()));
    ::pause();
  });
  const pid_t postmaster = std::stoi(parent.report());
  // Stopped, it cannot end until its successor has met its lock.
  ::kill(postmaster, SIGSTOP);
  parent.kill();
  Forked successor([&](const Forked::Report& report) {
    report(with_cluster(temp.path() / "data", [](LocalCluster& cluster) {
      return ask(cluster.conninfo(), "SELECT 'up'");
    }));
  });
  const auto log = temp.path() / "data" / "postgres.log";
  CHECK(testing::eventually([&] {
    return content(log).find("lock file \"postmaster.pid\" already exists") != std::string::npos;
  }));
  ::kill(postmaster, SIGCONT);
  CHECK(successor.report() == "up\n");
}

TEST_CASE(
    "A lock file whose process lives on is not deleted: the start gives up and says what to do") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  const auto user = ServerUser::choose();
  TestProcess stranger({"sleep", "60"},
                       {.run_as = user.other ? std::optional(user.ids) : std::nullopt});
  const auto lock = temp.path() / "data" / "pgdata" / "postmaster.pid";
  std::ofstream(lock) << stranger.pid() << "\n/elsewhere\n0\n5432\n\n\n";
  auto options = options_for(temp.path() / "data");
  options.predecessor_limit = std::chrono::milliseconds(200);
  CHECK_THROWS_WITH(LocalCluster(options),
                    Contains("already exists") &&
                        Contains("kill -INT " + std::to_string(stranger.pid())) &&
                        Contains(lock.string()));
  CHECK(fs::exists(lock));
  CHECK(stranger.running());
}

TEST_CASE("A killed server is noticed, and comes back in the same place with what was committed") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  LocalCluster cluster(options_for(temp.path() / "data"));
  const auto conninfo = cluster.conninfo();
  ask(conninfo, "CREATE TABLE kept AS SELECT 42 AS answer");
  CHECK(cluster.running());

  ::kill(cluster.postmaster(), SIGKILL);
  pollfd ended{cluster.exit_fd(), POLLIN, 0};
  constexpr std::chrono::milliseconds kPatience = testing::kPatience;
  CHECK(::poll(&ended, 1, static_cast<int>(kPatience.count())) == 1);
  CHECK_FALSE(cluster.running());
  cluster.start();
  CHECK(cluster.running());
  CHECK(cluster.conninfo() == conninfo);
  CHECK(ask(conninfo, "SELECT answer FROM kept") == "42\n");
}

TEST_CASE("Every way to stop leaves data to start from") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  LocalCluster cluster(options_for(temp.path() / "data"));
  ask(cluster.conninfo(), "CREATE TABLE kept (how text)");
  pqxx::connection idle(cluster.conninfo());  // a fast stop does not wait for it
  for (const auto how :
       {LocalCluster::Stop::kFast, LocalCluster::Stop::kImmediate, LocalCluster::Stop::kKill}) {
    ask(cluster.conninfo(), "INSERT INTO kept VALUES ('x')");
    cluster.stop(how);
    CHECK_FALSE(cluster.running());
    CHECK(cluster.exit_fd() == -1);
    cluster.stop();  // again: nothing happens
    cluster.start();
  }
  CHECK(ask(cluster.conninfo(), "SELECT count(*) FROM kept") == "3\n");
}

TEST_CASE("Ctrl-C, which signals our whole process group, does not reach the server") {
  const TempDir temp(testing::server_root());
  copy_initialised(temp.path() / "data");
  Forked ordercast([&](const Forked::Report& report) {
    ::setpgid(0, 0);
    ::signal(SIGINT, SIG_IGN);
    report(with_cluster(temp.path() / "data", [](LocalCluster& cluster) -> std::string {
      ::kill(0, SIGINT);
      // A fast shutdown takes a tenth of a second; this waits for it, in vain.
      pollfd ended{cluster.exit_fd(), POLLIN, 0};
      if (::poll(&ended, 1, 500) != 0) return "it ended";
      return ask(cluster.conninfo(), "SELECT 'alive'");
    }));
  });
  CHECK(ordercast.report() == "alive\n");
}

}  // namespace
}  // namespace ordercast::pg
