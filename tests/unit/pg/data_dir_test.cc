#include "pg/data_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "support/forked.h"
#include "support/temp_dir.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::Forked;
using testing::TempDir;
namespace fs = std::filesystem;

struct stat status_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status;
}

mode_t mode_of(const fs::path& path) {
  return status_of(path).st_mode & 07777;
}

class Environment {
 public:
  explicit Environment(const std::map<std::string, const char*>& changes) {
    for (const auto& [name, value] : changes) {
      const char* now = std::getenv(name.c_str());
      before_[name] = now == nullptr ? "" : now;
      value == nullptr ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value, 1);
    }
  }
  ~Environment() {
    for (const auto& [name, value] : before_) {
      value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
    }
  }

 private:
  std::map<std::string, std::string> before_;
};

TEST_CASE(
    "A new data directory is made with its parents, closed to others, owned by the server's user") {
  const TempDir temp;
  const auto user = ServerUser::choose();
  const mode_t before = ::umask(077);  // root's umask must not close the way to it
  const DataDir data(temp.path() / "a" / "b" / "data", user);
  ::umask(before);
  CHECK(mode_of(data.path()) == 0700);
  CHECK(status_of(data.path()).st_uid == user.ids.uid);
  CHECK(mode_of(temp.path() / "a") == (user.other ? 0755 : 0700));
  CHECK(mode_of(temp.path() / "a" / "b") == (user.other ? 0755 : 0700));
  CHECK_FALSE(data.major());
}

TEST_CASE("A data directory that was opened to others is closed again") {
  const TempDir temp;
  { const DataDir data(temp.path() / "data", ServerUser::choose()); }
  fs::permissions(temp.path() / "data", fs::perms(0755));
  const DataDir data(temp.path() / "data", ServerUser::choose());
  CHECK(mode_of(data.path()) == 0700);
}

TEST_CASE("A folder with other files is refused and left as it was") {
  const TempDir temp;
  std::ofstream(temp.path() / "letter.txt") << "dear";
  const auto before = status_of(temp.path());
  CHECK_THROWS_WITH(DataDir(temp.path(), ServerUser::choose()),
                    Contains(temp.path().string()) && Contains("holds other files"));
  const auto after = status_of(temp.path());
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
}

TEST_CASE("A file in the place of the data directory is refused") {
  const TempDir temp;
  std::ofstream(temp.path() / "data") << "x";
  CHECK_THROWS_AS(DataDir(temp.path() / "data", ServerUser::choose()), DataDirError);
}

TEST_CASE("Two at once on one data directory: the second is told who has it") {
  const TempDir temp;
  const auto user = ServerUser::choose();
  {
    const DataDir first(temp.path() / "data", user);
    CHECK_THROWS_WITH(DataDir(temp.path() / "data", user),
                      Contains("another Ordercast (process " + std::to_string(::getpid()) + ")") &&
                          Contains("--data-dir"));
  }
  CHECK_NOTHROW(DataDir(temp.path() / "data", user));
}

TEST_CASE("The lock of a killed process is free at once") {
  const TempDir temp;
  const auto path = temp.path() / "data";
  Forked holder([&](const Forked::Report& report) {
    const DataDir data(path, ServerUser::choose());
    report("locked");
    ::pause();
  });
  REQUIRE(holder.report() == "locked");
  CHECK_THROWS_AS(DataDir(path, ServerUser::choose()), DataDirError);
  holder.kill();
  CHECK_NOTHROW(DataDir(path, ServerUser::choose()));
}

TEST_CASE("A lock that is a link to somebody's file is not opened") {
  const TempDir temp;
  const auto user = ServerUser::choose();
  { const DataDir data(temp.path() / "data", user); }
  std::ofstream(temp.path() / "victim") << "precious";
  const auto lock = temp.path() / "data" / "ordercast.lock";
  fs::remove(lock);
  SECTION("symbolic") {
    fs::create_symlink(temp.path() / "victim", lock);
  }
  SECTION("hard") {
    fs::create_hard_link(temp.path() / "victim", lock);
  }
  CHECK_THROWS_AS(DataDir(temp.path() / "data", user), DataDirError);
  std::string content;
  std::getline(std::ifstream(temp.path() / "victim"), content);
  CHECK(content == "precious");
}

TEST_CASE("Another user's data directory is refused with who owns it, and stays theirs") {
  if (::geteuid() != 0) return;  // making one takes root
  constexpr UserIds kNobody{65534, 65534};
  const TempDir temp;
  const auto path = temp.path() / "data";
  SECTION("a user finds root's") {
    REQUIRE(::chown(temp.path().c_str(), kNobody.uid, kNobody.gid) == 0);
    fs::create_directory(path);
    Forked nobody([&](const Forked::Report&) { DataDir(path, ServerUser::choose()); }, kNobody);
    CHECK_THAT(nobody.report(), Contains("belongs to the user id 0, not to nobody"));
    CHECK(status_of(path).st_uid == 0);
  }
  SECTION("root finds a user's") {
    fs::create_directory(path);
    REQUIRE(::chown(path.c_str(), 54321, 54321) == 0);
    CHECK_THROWS_WITH(DataDir(path, ServerUser::choose()),
                      Contains("belongs to the user id 54321"));
    CHECK(status_of(path).st_uid == 54321);
  }
}

TEST_CASE("The default data directory follows the XDG specification") {
  SECTION("XDG_DATA_HOME") {
    const Environment environment({{"XDG_DATA_HOME", "/data/home"}, {"HOME", "/home/me"}});
    CHECK(default_data_dir() == "/data/home/ordercast");
  }
  SECTION(
      "a relative XDG_DATA_HOME is ignored, and root's home is no place for another user's "
      "server") {
    const Environment environment({{"XDG_DATA_HOME", "relative"}, {"HOME", "/home/me"}});
    CHECK(default_data_dir() ==
          (::geteuid() == 0 ? "/var/lib/ordercast" : "/home/me/.local/share/ordercast"));
  }
  SECTION("a normal user's home, and the way out without one") {
    const Environment environment({{"XDG_DATA_HOME", nullptr}, {"HOME", "/home/me"}});
    const auto ask = [](const Forked::Report& report) { report(default_data_dir()); };
    const auto as = ::geteuid() == 0 ? std::optional(UserIds{65534, 65534}) : std::nullopt;
    CHECK(Forked(ask, as).report() == "/home/me/.local/share/ordercast");
    ::unsetenv("HOME");
    CHECK_THAT(Forked(ask, as).report(), Contains("--data-dir"));
  }
}

TEST_CASE("A closed folder on the way is named") {
  const TempDir temp;
  const auto inner = temp.path() / "closed" / "data";
  fs::create_directories(inner);
  fs::permissions(temp.path() / "closed", fs::perms(0700));
  const ServerUser stranger{"stranger", {54321, 54321}, true};
  CHECK_THAT(explain_unreachable(inner, stranger),
             Contains("stranger") &&
                 Contains("may not enter " + (temp.path() / "closed").string() + " ") &&
                 Contains("--data-dir"));
}

TEST_CASE("A user without a name is told that initdb needs one") {
  if (::geteuid() != 0) return;  // only root can become a user that does not exist
  Forked nameless([](const Forked::Report& report) { report(ServerUser::choose().name); },
                  UserIds{54321, 54321});
  CHECK_THAT(nameless.report(), Contains("user id 54321 has no name"));
}

TEST_CASE("Root's server runs as another user, anybody else's as themselves") {
  const auto user = ServerUser::choose();
  CHECK(user.ids.uid != 0);
  CHECK(user.other == (::geteuid() == 0));
}

}  // namespace
}  // namespace ordercast::pg
