// The NOTIFY queue belongs to all of the server: one session that listens and reads nothing fills
// it, and then writes to watched tables fail. The listener keeps an eye on it.
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "pg/listener.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

struct NoSink : ChangeSink {
  void start(const Epoch&, const Position&, std::string_view) override {}
  void publish(BatchPtr) override {}
  void set_catalog(CatalogPtr) override {}
  void set_database_up(bool) override {}
};

// What is logged while it lives.
class Log : public spdlog::sinks::base_sink<std::mutex> {
 public:
  [[nodiscard]] bool says(const std::string& words) {
    const std::lock_guard lock(mutex_);
    return text_.find(words) != std::string::npos;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    text_.append(message.payload.data(), message.payload.size());
    text_ += '\n';
  }
  void flush_() override {}
  std::string text_;
};

class CapturedLog {
 public:
  CapturedLog() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", log_)); }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  [[nodiscard]] bool says(const std::string& words) { return log_->says(words); }

 private:
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  const std::shared_ptr<Log> log_ = std::make_shared<Log>();
};

// A segment has 32 pages of 8 kB, and about one of these messages fits a page.
constexpr int kMessages = 200;
constexpr double kPagesOfQueue = 1 << 20;

void fill_queue(TestDatabase& database) {
  database.exec(fmt::format(
      "SELECT pg_notify('test', repeat('x', 7000) || g) FROM generate_series(1, {}) g", kMessages));
}

int segments(TestDatabase& database) {
  return std::stoi(database.scalar("SELECT count(*) FROM pg_ls_dir('pg_notify')"));
}

TEST_CASE("A NOTIFY queue that fills is logged, and cut short when its slowest reader has gone") {
  TestDatabase database;
  CapturedLog log;
  auto culprit = database.connect();
  pqxx::nontransaction(*culprit).exec("LISTEN test");
  pqxx::nontransaction(*culprit).exec("BEGIN");
  fill_queue(database);

  NoSink sink;
  pg::Watchdog watchdog;
  pg::Listener listener({.conninfo = database.url(),
                         .poll_interval = std::chrono::milliseconds(10),
                         .housekeeping = {.queue_probe_interval = std::chrono::milliseconds(10),
                                          .queue_alarm = kMessages / 2 / kPagesOfQueue}},
                        sink, watchdog);
  listener.start();
  CHECK(eventually([&] { return log.says("the NOTIFY queue is"); }));
  CHECK(segments(database) > 2);

  // Its end alone leaves the queue as it is.
  culprit.reset();
  CHECK(eventually([&] { return segments(database) <= 2; }));
}

TEST_CASE("A NOTIFY queue with room to spare is no news") {
  TestDatabase database;
  CapturedLog log;
  NoSink sink;
  pg::Watchdog watchdog;
  pg::Listener listener({.conninfo = database.url(),
                         .poll_interval = std::chrono::milliseconds(10),
                         .housekeeping = {.queue_probe_interval = std::chrono::milliseconds(10)}},
                        sink, watchdog);
  auto culprit = database.connect();
  pqxx::nontransaction(*culprit).exec("LISTEN test");
  pqxx::nontransaction(*culprit).exec("BEGIN");
  fill_queue(database);
  listener.start();
  listener.wait_first_attempt(kPatience);
  const auto probes = [&] {
    return database.scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ordercast'"
        " AND query LIKE '%pg_notification_queue_usage%'");
  };
  REQUIRE(eventually([&] { return probes() == "1"; }));
  listener.stop();
  CHECK_FALSE(log.says("the NOTIFY queue is"));
}

}  // namespace
}  // namespace ordercast
