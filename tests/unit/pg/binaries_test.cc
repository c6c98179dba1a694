#include "pg/binaries.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "support/temp_dir.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::TempDir;
namespace fs = std::filesystem;

fs::path script(const fs::path& file, const std::string& prints) {
  std::ofstream(file) << "#!/bin/sh\necho '" << prints << "'\n";
  fs::permissions(file, fs::perms(0755));
  return file;
}

// A folder that looks like the programs of a server with this version.
fs::path fake_server(const fs::path& dir, const std::string& version) {
  fs::create_directories(dir);
  script(dir / "initdb", "");
  script(dir / "postgres", "postgres (PostgreSQL) " + version);
  return dir;
}

TEST_CASE("The first folder with a whole server is taken") {
  const TempDir dir;
  fs::create_directories(dir.path() / "client");
  script(dir.path() / "client" / "initdb", "");
  const auto first = fake_server(dir.path() / "first", "16.3 (Debian 16.3-1)");
  const auto second = fake_server(dir.path() / "second", "15.8");

  const auto found = find_binaries({dir.path() / "absent", dir.path() / "client", first, second});
  CHECK(found.postgres == first / "postgres");
  CHECK(found.initdb == first / "initdb");
  CHECK(found.major == 16);
}

TEST_CASE("A wanted major version passes over the others") {
  const TempDir dir;
  const auto newer = fake_server(dir.path() / "a", "17beta1");
  const auto wanted = fake_server(dir.path() / "b", "15.8");
  CHECK(find_binaries({newer, wanted}, 15).postgres == wanted / "postgres");
  CHECK_THROWS_WITH(find_binaries({newer, wanted}, 9),
                    Contains("PostgreSQL 9 is needed") && Contains("15, 17"));
}

TEST_CASE("Without a server the error names the package and where it looked") {
  const TempDir dir;
  CHECK_THROWS_WITH(find_binaries({dir.path()}), Contains("apt-get install postgresql") &&
                                                     Contains(dir.path().string()) &&
                                                     Contains("--database"));
  CHECK_THROWS_AS(find_binaries({}), BinariesNotFound);
}

TEST_CASE("A postgres that does not say its version is no server") {
  const TempDir dir;
  CHECK_THROWS_AS(find_binaries({fake_server(dir.path() / "a", "of unknown make")}),
                  BinariesNotFound);
}

TEST_CASE("The server is found where pg_config says, before PATH, and without PATH") {
  const TempDir dir;
  const auto configured = fake_server(dir.path() / "configured", "15.8");
  script(dir.path() / "pg_config", configured);
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", dir.path().c_str(), 1);
  const auto dirs = binary_dirs();
  ::setenv("PATH", "", 1);
  const auto without_path = binary_dirs();
  ::setenv("PATH", before.c_str(), 1);
  REQUIRE(dirs.size() >= 2);
  CHECK(dirs.front() == configured);
  CHECK(dirs.back() == dir.path());
  // Debian's place; this machine's own server is there.
  CHECK_NOTHROW(find_binaries(without_path));
}

TEST_CASE("Who names a folder gets that server, and no other") {
  const TempDir dir;
  const auto chosen = fake_server(dir.path() / "chosen", "18.4");
  ::setenv("ORDERCAST_POSTGRES_BIN", chosen.c_str(), 1);
  const auto dirs = binary_dirs();
  ::setenv("ORDERCAST_POSTGRES_BIN", "", 1);
  const auto usual = binary_dirs();
  ::unsetenv("ORDERCAST_POSTGRES_BIN");
  CHECK(dirs == std::vector<fs::path>{chosen});
  CHECK(usual == binary_dirs());
}

}  // namespace
}  // namespace ordercast::pg
