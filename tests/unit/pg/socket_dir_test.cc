#include "pg/socket_dir.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "pg/data_dir.h"
#include "support/temp_dir.h"

namespace ordercast::pg {
namespace {

using testing::TempDir;
namespace fs = std::filesystem;

// unix(7): 108 bytes with the NUL; "/.s.PGSQL.5432" takes 14 of them.
constexpr std::size_t kLongestDir = 107 - 14;

fs::path dir_of_length(const fs::path& root, std::size_t length) {
  auto path = root.string() + "/";
  REQUIRE(path.size() < length);
  return path.append(length - path.size(), 'x');
}

TEST_CASE("A short plain path is used as it is, and stays") {
  const TempDir temp;
  const auto wanted = dir_of_length(temp.path(), kLongestDir);
  { CHECK(SocketDir(wanted, ServerUser::choose(), {}).path() == wanted); }
  struct stat status {};
  REQUIRE(::stat(wanted.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
  CHECK(status.st_uid == ServerUser::choose().ids.uid);
}

TEST_CASE("A path that no socket or conninfo can hold is replaced by a fresh private folder") {
  const TempDir temp;
  const auto wanted = GENERATE_REF(dir_of_length(temp.path(), kLongestDir + 1), temp.path() / "a,b",
                                   temp.path() / "a b", temp.path() / "a'b", temp.path() / "ä");
  fs::path used;
  {
    const SocketDir dir(wanted, ServerUser::choose(), {temp.path()});
    used = dir.path();
    CHECK(used.parent_path() == temp.path());
    CHECK_FALSE(fs::exists(wanted));
    struct stat status {};
    REQUIRE(::stat(used.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
    std::ofstream(used / ".s.PGSQL.5432.lock") << "left over by a crash";
  }
  CHECK_FALSE(fs::exists(used));
}

TEST_CASE("Roots that are too long or cannot be written are passed over") {
  const TempDir temp;
  const auto long_root = dir_of_length(temp.path(), 90);
  fs::create_directory(long_root);
  const SocketDir dir("/a b", ServerUser::choose(), {long_root, "/nowhere", temp.path()});
  CHECK(dir.path().parent_path() == temp.path());
  CHECK_THROWS_AS(SocketDir("/a b", ServerUser::choose(), {"/nowhere"}), DataDirError);
}

}  // namespace
}  // namespace ordercast::pg
