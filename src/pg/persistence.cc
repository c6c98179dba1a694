#include "pg/persistence.h"

#include <fmt/format.h>

#include <pqxx/pqxx>
#include <string_view>
#include <thread>

#include "base/backoff.h"

namespace ordercast::pg {
namespace {

using Millis = Persistence::Millis;

// Between attempts writers must get through; the ceiling keeps the command responsive.
constexpr Millis kPauseFloor{100};
constexpr Millis kPauseCeiling{2000};

constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kDeadlockDetected = "40P01";
constexpr std::string_view kUndefinedFunction = "42883";
constexpr std::string_view kInvalidSchemaName = "3F000";

// "ERROR:  no table given\nHINT: …" without the lines that point into our SQL.
std::string readable(const pqxx::sql_error& error) {
  std::string_view text = error.what();
  text = text.substr(0, text.find("\nCONTEXT:"));
  constexpr std::string_view kPrefix = "ERROR:  ";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

[[noreturn]] void throw_readable(const pqxx::sql_error& error) {
  if (error.sqlstate() == kUndefinedFunction || error.sqlstate() == kInvalidSchemaName) {
    throw Refused(
        "the schema `ordercast` is missing or old in this database: run `ordercast migrate` first");
  }
  throw Refused(readable(error));
}

bool busy(const pqxx::sql_error& error) {
  return error.sqlstate() == kLockNotAvailable || error.sqlstate() == kDeadlockDetected;
}

}  // namespace

void insist(const std::string& what, const Persistence& persistence,
            const std::function<void()>& attempt) {
  Backoff backoff(kPauseFloor, kPauseCeiling, random_up_to);
  Millis paused{0};
  for (int attempts = 1;; ++attempts) {
    try {
      return attempt();
    } catch (const pqxx::sql_error& error) {
      if (!busy(error)) throw_readable(error);
    }
    if (persistence.waiting) persistence.waiting(attempts);
    const auto pause = backoff.next();
    paused += pause;
    if (paused > persistence.limit) {
      throw Refused(
          fmt::format("{} stayed busy: some transaction holds it, and none of {} attempts got in. "
                      "Try again at a "
                      "quieter time, or look for long transactions in pg_stat_activity",
                      what, attempts));
    }
    if (persistence.sleep) {
      persistence.sleep(pause);
    } else {
      std::this_thread::sleep_for(pause);
    }
  }
}

}  // namespace ordercast::pg
