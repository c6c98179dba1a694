#include "pg/server_log.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temp_dir.h"

namespace ordercast::pg {
namespace {

using testing::TempDir;

void append(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

TEST_CASE("The tail is what was printed since, its last lines only") {
  const TempDir dir;
  const auto file = dir.path() / "log";
  append(file, "an earlier run\n");
  const ServerLog log(file);
  CHECK(log.tail().empty());
  append(file, "one\ntwo\n");
  CHECK(log.tail() == "one\ntwo");
  for (int line = 0; line < 20; ++line) append(file, std::to_string(line) + "\n");
  CHECK(log.tail() == "12\n13\n14\n15\n16\n17\n18\n19");
}

TEST_CASE("An absent log has no tail, a huge line is cut") {
  const TempDir dir;
  const ServerLog log(dir.path() / "log");
  CHECK(log.tail().empty());
  append(dir.path() / "log", std::string(10000, 'x') + "end\n");
  CHECK(log.tail().size() < ServerLog::kTailBytes);
  CHECK(log.tail().ends_with("xend"));
}

TEST_CASE("A log that is a link is not read") {
  const TempDir dir;
  append(dir.path() / "secret", "shadow\n");
  const ServerLog log(dir.path() / "log");
  std::filesystem::create_symlink(dir.path() / "secret", dir.path() / "log");
  CHECK(log.tail().empty());
}

TEST_CASE("A log that has outgrown its bound starts afresh, with one predecessor kept") {
  const TempDir dir;
  const auto file = dir.path() / "log";
  append(file, std::string(ServerLog::kMaxBytes + 1, 'x'));
  const ServerLog log(file);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(std::filesystem::file_size(dir.path() / "log.1") == ServerLog::kMaxBytes + 1);
  append(file, "new\n");
  CHECK(log.tail() == "new");
}

}  // namespace
}  // namespace ordercast::pg
