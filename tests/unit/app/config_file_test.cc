#include "app/config_file.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "app/config_error.h"
#include "support/temp_dir.h"

namespace ordercast::app {
namespace {

using Catch::Contains;
using Kind = ConfigEntry::Kind;

ConfigFile read(const std::string& text) {
  const testing::TempDir dir;
  const auto path = dir.path() / "ordercast.toml";
  std::ofstream(path) << text;
  return ConfigFile::read(path);
}

TEST_CASE("A file is keys with values, in its order, each on its line", "[config_file]") {
  const auto file = read(
      "# a comment\n"
      "listen = \"127.0.0.1:0\"\n"
      "drain-ms = 1_000\n"
      "\n"
      "burst = 2.5\n"
      "desk = true\n"
      "hosts = [\"a\",\n  \"b\"]\n"
      "none = []\n");
  REQUIRE(file.entries.size() == 6);
  const auto check = [&](std::size_t index, const char* key, std::size_t line, Kind kind, bool list,
                         const std::vector<std::string>& values) {
    const auto& entry = file.entries.at(index);
    CHECK(entry.key == key);
    CHECK(entry.line == line);
    CHECK(entry.kind == kind);
    CHECK(entry.list == list);
    CHECK(entry.values == values);
  };
  check(0, "listen", 2, Kind::kText, false, {"127.0.0.1:0"});
  check(1, "drain-ms", 3, Kind::kInteger, false, {"1000"});
  check(2, "burst", 5, Kind::kNumber, false, {"2.5"});
  check(3, "desk", 6, Kind::kBoolean, false, {"true"});
  check(4, "hosts", 7, Kind::kText, true, {"a", "b"});
  check(5, "none", 9, Kind::kText, true, {});
  CHECK(read("").entries.empty());
}

TEST_CASE("What no option takes has no kind", "[config_file]") {
  for (const auto* value : {"[[1]]", "[1, \"a\"]", "{ a = 1 }", "2026-11-25", "[[\"a\"]]"}) {
    INFO(value);
    CHECK(read(std::string("key = ") + value).entries.at(0).kind == Kind::kOther);
  }
  CHECK(read("[limits]\na = 1\n").entries.at(0).kind == Kind::kOther);
}

TEST_CASE("What is no TOML is refused with its line, and without what it holds", "[config_file]") {
  for (const auto* wrong :
       {"a = 1\nb = \"hunter2\n", "a = 1\na = \"hunter2\"\n", "a = 1\nb = hunter2\n",
        "a = 1\nb = \"hunter2\" c\n", "a = 1\n= hunter2\n", "a = 1\nb = 'hunter2\n"}) {
    INFO(wrong);
    CHECK_THROWS_WITH(read(wrong), Contains("ordercast.toml:2: ") && !Contains("hunter2"));
  }
}

TEST_CASE("A file that cannot be read is said to be so", "[config_file]") {
  CHECK_THROWS_WITH(ConfigFile::read("/nowhere/ordercast.toml"),
                    "/nowhere/ordercast.toml: cannot be read: No such file or directory");
  CHECK_THROWS_WITH(ConfigFile::read("/tmp"), Contains("Is a directory"));
}

TEST_CASE("A text is quoted so that TOML reads the same again", "[config_file]") {
  CHECK(toml_quoted("plain") == R"("plain")");
  for (const std::string text : {"", "a\"b", "c\\d", "line\nline", "\ttab", "é€", "'q'"}) {
    CHECK(read("a = " + toml_quoted(text)).entries.at(0).values.at(0) == text);
    CHECK(toml_quoted(text).find('\n') == std::string::npos);
  }
}

}  // namespace
}  // namespace ordercast::app
