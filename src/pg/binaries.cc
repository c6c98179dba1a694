#include "pg/binaries.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "base/run_command.h"

namespace ordercast::pg {
namespace {

namespace fs = std::filesystem;

constexpr char kChosen[] = "ORDERCAST_POSTGRES_BIN";

bool executable(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

// The first number in `text`: 15 of "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)", of
// "pgsql-15".
int first_number(std::string_view text) {
  const auto begin = text.find_first_of("0123456789");
  int number = 0;
  if (begin != text.npos) {
    std::from_chars(text.data() + begin, text.data() + text.size(), number);
  }
  return number;
}

// `root`/<name with a major>/bin, newest major first.
void append_versioned(const fs::path& root, std::string_view prefix, std::vector<fs::path>& dirs) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    const int major = first_number(name);
    if (name.starts_with(prefix) && major > 0) found.emplace_back(major, entry->path() / "bin");
  }
  std::sort(found.rbegin(), found.rend());
  for (auto& [major, dir] : found) dirs.push_back(std::move(dir));
}

std::vector<fs::path> path_dirs() {
  std::vector<fs::path> dirs;
  const char* path = std::getenv("PATH");
  std::istringstream entries(path != nullptr ? path : "");
  for (std::string entry; std::getline(entries, entry, ':');) {
    if (entry.starts_with('/')) dirs.emplace_back(entry);
  }
  return dirs;
}

std::string joined(const std::vector<fs::path>& dirs) {
  std::string text;
  for (const auto& dir : dirs) text += (text.empty() ? "" : ", ") + dir.string();
  return text.empty() ? "nowhere" : text;
}

}  // namespace

std::vector<fs::path> binary_dirs() {
  if (const char* chosen = std::getenv(kChosen); chosen != nullptr && *chosen != '\0') {
    return {chosen};
  }
  std::vector<fs::path> dirs;
  const auto on_path = path_dirs();
  for (const auto& dir : on_path) {
    if (!executable(dir / "pg_config")) continue;
    if (const auto bindir = run_command({dir / "pg_config", "--bindir"}))
      dirs.emplace_back(*bindir);
    break;
  }
  append_versioned("/usr/lib/postgresql", "", dirs);  // Debian, Ubuntu
  append_versioned("/usr", "pgsql-", dirs);           // the RPMs of postgresql.org
  dirs.insert(dirs.end(), on_path.begin(), on_path.end());
  std::set<fs::path> seen;
  std::erase_if(dirs, [&](const fs::path& dir) { return !seen.insert(dir).second; });
  return dirs;
}

Binaries find_binaries(const std::vector<fs::path>& dirs, std::optional<int> major) {
  std::set<int> others;
  for (const auto& dir : dirs) {
    Binaries found{dir / "initdb", dir / "postgres", 0};
    if (!executable(found.initdb) || !executable(found.postgres)) continue;
    found.major = first_number(run_command({found.postgres, "--version"}).value_or(""));
    if (found.major == 0) continue;
    if (!major || found.major == *major) return found;
    others.insert(found.major);
  }
  if (!major || others.empty()) {
    throw BinariesNotFound(fmt::format(
        "no PostgreSQL server programs (initdb, postgres) found in {}: install the package "
        "postgresql (Debian and Ubuntu: apt-get install postgresql), or name a running "
        "server with --database",
        joined(dirs)));
  }
  throw BinariesNotFound(fmt::format("PostgreSQL {} is needed, only {} is installed", *major,
                                     fmt::join(others, ", ")));
}

}  // namespace ordercast::pg
