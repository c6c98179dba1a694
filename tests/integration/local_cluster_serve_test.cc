// `serve` on its private PostgreSQL as different people start it, and what it says when it cannot.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/forked.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
namespace fs = std::filesystem;

constexpr UserIds kNobody{65534, 65534};

std::string ask(const std::string& conninfo, const std::string& sql,
                const TestProcessOptions& options = {}) {
  return output_of({"psql", conninfo, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql}, options);
}

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The binary where every user may execute it, while this object lives: a clone may be in somebody's
// home.
class PublicBinary {
 public:
  PublicBinary() : original_(std::getenv("ORDERCAST_BINARY")) {
    fs::copy_file(original_, dir_.path() / "ordercast");
    ::setenv("ORDERCAST_BINARY", (dir_.path() / "ordercast").c_str(), 1);
  }
  ~PublicBinary() { ::setenv("ORDERCAST_BINARY", original_.c_str(), 1); }
  PublicBinary(const PublicBinary&) = delete;
  PublicBinary& operator=(const PublicBinary&) = delete;

 private:
  std::string original_;
  TempDir dir_;
};

TEST_CASE("A normal user serves from their home, without a locale, and reaches it with psql") {
  const PublicBinary binary;
  const TempDir home(server_root());
  TestProcessOptions options{.environment = {{"HOME", home.path()},
                                             {"XDG_DATA_HOME", ""},
                                             {"XDG_RUNTIME_DIR", ""},
                                             {"LANG", ""},
                                             {"LC_ALL", ""}},
                             .working_dir = home.path()};
  if (::geteuid() == 0) {
    REQUIRE(::chown(home.path().c_str(), kNobody.uid, kNobody.gid) == 0);
    options.run_as = kNobody;
  }
  ServedNode node({"serve"}, options);
  CHECK_THAT(node.conninfo(), Contains(home.path().string() + "/.local/share/ordercast/run"));
  CHECK(ask(node.conninfo(), "SHOW server_encoding", options) == "UTF8\n");
  CHECK(node.stop(SIGTERM).success());
}

TEST_CASE("A data directory with a long and odd name serves as well") {
  const TempDir temp(server_root());
  const auto data = temp.path() / (std::string(150, 'x') + " it's, well, long");
  ServedNode node({"serve", "--data-dir", data});
  CHECK(ask(node.conninfo(), "SELECT 1") == "1\n");
  CHECK(node.stop(SIGTERM).success());
}

TEST_CASE(
    "Ctrl-C goes to the whole process group, and PostgreSQL still ends after ordercast's own work, "
    "cleanly") {
  const TempDir temp(server_root());
  ServedNode node({"serve", "--data-dir", temp.path() / "data"});
  const auto processes = server_processes(node.conninfo());
  for (const auto process : processes) CHECK(::getpgid(process) != ::getpgid(node.process().pid()));
  const auto watched = watch_running(processes);

  node.process().signal_group(SIGINT);
  CHECK(node.process().wait().success());
  for (const auto& process : watched) CHECK(ends(process));
  CHECK_THAT(
      content(temp.path() / "data" / "postgres.log"),
      Contains("received fast shutdown request") && Contains("database system is shut down"));
}

TEST_CASE("What stands in the way of the private PostgreSQL is said in a line, with the way out") {
  const TempDir temp(server_root());
  const auto data = temp.path() / "data";
  fs::create_directory(data);
  const auto serve = [&] {
    return run_ordercast({"serve", "--data-dir", data, "--listen", "127.0.0.1:0"});
  };
  SECTION("somebody's files") {
    std::ofstream(data / "letter.txt") << "dear";
    const auto result = serve();
    CHECK(result.code == 1);
    CHECK_THAT(result.err, Contains("holds other files") && Contains("--data-dir"));
    CHECK(content(data / "letter.txt") == "dear");
  }
  SECTION("another major version") {
    fs::create_directory(data / "pgdata");
    std::ofstream(data / "pgdata" / "PG_VERSION") << "9.6\n";
    std::ofstream(data / "ordercast.lock").flush();
    const auto result = serve();
    CHECK(result.code == 1);
    CHECK_THAT(result.err, Contains("PostgreSQL 9") && Contains("pg_upgrade"));
  }
  SECTION("a closed folder on the way") {
    if (::geteuid() != 0) return;  // anybody else's server runs as they themselves
    fs::permissions(temp.path(), fs::perms(0700));
    const auto result = serve();
    CHECK(result.code == 1);
    CHECK_THAT(result.err,
               Contains("may not enter " + temp.path().string()) && Contains("chmod o+x"));
  }
  SECTION("a user without a name") {
    if (::geteuid() != 0) return;  // only root can become a user that does not exist
    const PublicBinary binary;
    const auto result = run_ordercast({"serve", "--data-dir", data, "--listen", "127.0.0.1:0"},
                                      {.run_as = UserIds{54321, 54321}});
    CHECK(result.code == 1);
    CHECK_THAT(result.err, Contains("user id 54321 has no name"));
  }
}

}  // namespace
}  // namespace ordercast
