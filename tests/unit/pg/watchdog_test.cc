#include "pg/watchdog.h"

#include <catch2/catch.hpp>
#include <csignal>

#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::TestDatabase;

constexpr milliseconds kSoon{50};

void ask(pqxx::connection& connection, const std::string& sql = "SELECT 1") {
  pqxx::nontransaction(connection).exec1(sql);
}

// The process that serves a connection, stopped while this lives.
class Stopped {
 public:
  explicit Stopped(const pqxx::connection& connection) : pid_(connection.backendpid()) {
    ::kill(pid_, SIGSTOP);
  }
  ~Stopped() { ::kill(pid_, SIGCONT); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;

 private:
  pid_t pid_;
};

TEST_CASE("A statement that a server process does not answer ends as a broken connection") {
  TestDatabase database;
  Watchdog watchdog;
  const auto connection = connect(database.url());
  const Stopped server(*connection);
  const Watchdog::Watch watch(watchdog, *connection, kSoon);
  CHECK_THROWS_AS(ask(*connection), pqxx::broken_connection);
}

TEST_CASE("Each connection has its own limit, the earliest is kept") {
  TestDatabase database;
  Watchdog watchdog;
  const auto patient = connect(database.url());
  const auto hasty = connect(database.url());
  const Stopped server(*hasty);
  const Watchdog::Watch patient_watch(watchdog, *patient, hours(1));
  const Watchdog::Watch hasty_watch(watchdog, *hasty, kSoon);
  CHECK_THROWS_AS(ask(*hasty), pqxx::broken_connection);
  CHECK_NOTHROW(ask(*patient));
}

TEST_CASE("A connection of which nothing is asked is left alone, until it is asked again") {
  TestDatabase database;
  Watchdog watchdog;
  const auto resting = connect(database.url());
  const auto ended = connect(database.url());
  // Longer than a busy machine takes from one line to the next.
  constexpr milliseconds kLimit{4'000};
  Watchdog::Watch watch(watchdog, *resting, kLimit);
  watch.rest();
  { const Watchdog::Watch over(watchdog, *ended, kLimit); }
  // The limit of a third one passes after theirs would have.
  const auto third = connect(database.url());
  const Stopped server(*third);
  const Watchdog::Watch last(watchdog, *third, kLimit);
  CHECK_THROWS_AS(ask(*third), pqxx::broken_connection);
  CHECK_NOTHROW(ask(*resting));
  CHECK_NOTHROW(ask(*ended));
  watch.renew();
  CHECK_THROWS_AS(ask(*resting, "SELECT pg_sleep(3600)"), pqxx::broken_connection);
}

TEST_CASE("A connection may be closed before its watch ends") {
  TestDatabase database;
  Watchdog watchdog;
  auto connection = connect(database.url());
  const Watchdog::Watch watch(watchdog, *connection, kSoon);
  connection.reset();
  const auto next = connect(database.url());  // has the number of the closed one's descriptor
  const Watchdog::Watch next_watch(watchdog, *next, hours(1));
  const auto third = connect(database.url());
  const Stopped server(*third);
  const Watchdog::Watch last(watchdog, *third, kSoon);
  CHECK_THROWS_AS(ask(*third), pqxx::broken_connection);
  CHECK_NOTHROW(ask(*next));
}

}  // namespace
}  // namespace ordercast::pg
