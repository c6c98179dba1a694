#include "pg/listener.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "pg/connection.h"
#include "pg/log_queries.h"
#include "pg/wake_pace.h"
#include "pg/wake_queries.h"

namespace ordercast::pg {
namespace {

bool changes_catalog(const Batch& batch) {
  return std::any_of(batch.changes.begin(), batch.changes.end(),
                     [](const Change& change) { return change.op == Op::kCatalog; });
}

// Where several interleave, more: it is for the pace only.
int transactions_of(const Batch& batch) {
  int count = 0;
  TransactionId last = 0;
  for (const Change& change : batch.changes) {
    count += static_cast<int>(change.tx != last);
    last = change.tx;
  }
  return count;
}

// Only /metrics misses it.
std::optional<LogSize> measured(pqxx::connection& connection) {
  try {
    return log_size(connection);
  } catch (const pqxx::sql_error& error) {
    spdlog::debug("database: the log cannot be measured: {}", error.what());
    return std::nullopt;
  }
}

}  // namespace

// LISTENs while it lives. Notifications that arrive with the answer to a statement are in libpq's
// queue, not on the socket: take() first, then wait for the socket.
class Listener::WakeUps : public pqxx::notification_receiver {
 public:
  explicit WakeUps(pqxx::connection& connection)
      : notification_receiver(connection, kWakeChannel) {}
  void operator()(const std::string& payload, int) override {
    came_ = true;
    disarmed_ |= payload == kDisarmed;
  }

  // Tells the protocol what has come since; whether something has.
  bool take(WakeProtocol& protocol) {
    conn().get_notifs();
    if (!came_) return false;
    protocol.notified(disarmed_);
    came_ = disarmed_ = false;
    return true;
  }

 private:
  bool came_ = false;
  bool disarmed_ = false;
};

Listener::Listener(ListenerOptions options, ChangeSink& sink, Watchdog& watchdog)
    : options_(std::move(options)),
      sink_(sink),
      watchdog_(watchdog),
      backoff_(options_.reconnect_min, options_.reconnect_max, random_up_to) {}

void Listener::start() {
  thread_ = Thread({.name = "listener"}, [this] { run(); });
}

void Listener::stop() {
  stop_.set();
  thread_.join();
}

void Listener::run() {
  while (!stop_.is_set()) {
    try {
      follow();
    } catch (const std::exception& error) {
      sink_.set_database_up(false);
      const auto* schema = dynamic_cast<const SchemaMismatch*>(&error);
      note_failure(schema == nullptr ? "" : schema->code(), error.what());
      tried_.set();
      const auto delay = backoff_.next();
      spdlog::warn("database: {}; trying again in {} ms", error.what(), delay.count());
      stop_.wait(-1, delay);
    }
  }
}

void Listener::follow() {
  const auto connection = connect(options_.conninfo, {.watchdog = &watchdog_});
  Watchdog::Watch watch(watchdog_, *connection, kAnswerLimit);
  require_schema(*connection);
  prepare_log_queries(*connection);
  keep_plans(*connection);
  WakeUps wake_ups(*connection);
  begin(*connection);
  backoff_.reset();
  keep_up(*connection, watch, wake_ups);
  watch.renew();  // for the UNLISTEN
}

void Listener::keep_up(pqxx::connection& connection, Watchdog::Watch& watch, WakeUps& wake_ups) {
  const WakeMode mode = options_.wake.value_or(
      can_prepare_transactions(connection) ? WakeMode::kPoll : WakeMode::kArmed);
  WakeProtocol protocol(mode);
  WakePace pace;
  while (!stop_.is_set()) {
    watch.renew();
    const auto now = std::chrono::steady_clock::now();
    switch (protocol.next(pace.busy(now), pace.quiet(now))) {
      case WakeProtocol::Step::kRead: {
        const int transactions = read_new(connection, watch);
        const auto then = std::chrono::steady_clock::now();
        pace.has_read(transactions, then - now, then);
        protocol.has_read();
        break;
      }
      case WakeProtocol::Step::kArm:
        protocol.has_tried_to_arm(arm(connection));
        break;
      case WakeProtocol::Step::kDisarm:
        disarm(connection);
        protocol.has_disarmed();
        break;
      case WakeProtocol::Step::kWait:
        keep_house_when_due(connection);
        probe_queue_when_due(connection);
        watch.rest();
        if (wake_ups.take(protocol)) continue;
        stop_.wait(connection.sock(), !protocol.must_look_soon() ? options_.poll_interval
                                      : mode == WakeMode::kPoll  ? options_.poll_without_notify
                                                                 : pace.pause());
        if (!wake_ups.take(protocol)) protocol.waited();
        continue;
    }
    wake_ups.take(protocol);
  }
  watch.renew();
  if (protocol.guard() == Guard::kOwn) disarm(connection);
}

void Listener::begin(pqxx::connection& connection) {
  const Epoch epoch = read_epoch(connection);
  const bool new_history = !position_ || epoch != epoch_;
  // Before the catalog: a table that is watched in between is then in the log that follows.
  if (new_history) position_ = read_head(connection);
  epoch_ = epoch;
  sink_.set_catalog(read_catalog(connection));
  if (new_history) sink_.start(epoch_, *position_, "epoch");
  sink_.set_database_up(true);
  note([](ListenerStatus& status) {
    status.connected = true;
    ++status.connections;
    status.unusable_code.clear();
    status.unusable_detail.clear();
  });
  tried_.set();
  spdlog::info("database: following the change log, epoch {}", epoch_.text());
}

int Listener::read_new(pqxx::connection& connection, Watchdog::Watch& watch) {
  int transactions = 0;
  for (bool complete = false; !complete && !stop_.is_set();) {
    watch.renew();
    BatchPtr batch;
    try {
      batch = std::make_shared<const Batch>(read_page(connection, *position_));
    } catch (const HistoryLost& lost) {
      spdlog::error("database: history is lost ({}): all streams are reset", lost.what());
      position_ = read_head(connection);
      sink_.start(epoch_, *position_, lost.what());
      return 1;
    }
    if (changes_catalog(*batch)) sink_.set_catalog(read_catalog(connection));
    position_ = batch->end();
    complete = batch->complete;
    note_read(*batch);
    transactions += transactions_of(*batch);
    watch.rest();
    sink_.publish(std::move(batch));
  }
  return transactions;
}

void Listener::keep_house_when_due(pqxx::connection& connection) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_housekeeping_) return;
  next_housekeeping_ = now + options_.housekeeping_interval;
  try {
    const auto done = keep_house(connection);
    if (!done) return;
    if (done->emptied > 0)
      spdlog::info("database: {} old leaves of the log emptied", done->emptied);
    tell_log_size(done->bytes_over);
  } catch (const pqxx::sql_error& error) {
    spdlog::warn("database: the log cannot be kept short: {}", error.what());
  }
}

void Listener::probe_queue_when_due(pqxx::connection& connection) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_queue_probe_) return;
  next_queue_probe_ = now + options_.queue_probe_interval;
  const double usage = notify_queue_usage(connection);
  const auto size = measured(connection);
  note([&](ListenerStatus& status) {
    status.notify_queue_ratio = usage;
    status.log = size;
  });
  if (usage < options_.queue_alarm) return;
  constexpr double kPercent = 100;
  spdlog::warn(
      "database: the NOTIFY queue is {:.3g} % full; once it is full, writes to watched tables "
      "fail. "
      "A session that listens and stays in a transaction holds it up: end it (pg_stat_activity, "
      "state 'idle in transaction')",
      usage * kPercent);
}

ListenerStatus Listener::status() const {
  const MutexLock lock(status_mutex_);
  return status_;
}

template <typename Change>
void Listener::note(Change change) {
  const MutexLock lock(status_mutex_);
  change(status_);
}

void Listener::note_read(const Batch& batch) {
  const auto now = std::chrono::steady_clock::now();
  const TransactionId oldest = batch.now.xip.empty() ? 0 : batch.now.xip.front();
  const bool another = oldest != std::exchange(oldest_running_, oldest);
  note([&](ListenerStatus& status) {
    status.last_page = now;
    if (batch.complete) status.last_end = now;
    if (another) status.oldest_transaction_seen.reset();
    if (another && oldest != 0) status.oldest_transaction_seen = now;
  });
}

void Listener::note_failure(std::string code, std::string_view detail) {
  note([&](ListenerStatus& status) {
    status.connected = false;
    ++status.failures;
    status.unusable_detail = code.empty() ? "" : detail;
    status.unusable_code = std::move(code);
  });
}

void Listener::tell_log_size(std::int64_t bytes_over) {
  if (log_too_large_ == (bytes_over > 0)) return;
  log_too_large_ = bytes_over > 0;
  if (!log_too_large_) return spdlog::info("database: the log is within its size limit again");
  constexpr std::int64_t kMegabyte = 1 << 20;
  spdlog::warn(
      "database: the log is {} MB over its size limit, and nothing more can be let go: its latest "
      "part is "
      "still being written, or a long transaction holds it. A larger --size or a shorter --age "
      "(`ordercast "
      "retention`) helps against the former",
      (bytes_over + kMegabyte - 1) / kMegabyte);
}

}  // namespace ordercast::pg
