#include "pg/listener.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "pg/connection.h"
#include "pg/log_queries.h"
#include "pg/revocation_watch.h"
#include "pg/schema.h"
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
      backoff_(options_.reconnect_min, options_.reconnect_max, random_up_to),
      housekeeper_(options_.housekeeping) {}

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
  LogTail tail(*connection);
  WakeUps wake_ups(*connection);
  // What has come is in take() of WakeUps, which asks libpq for all channels.
  RevocationWatch revocations(*connection);
  begin(*connection, revocations);
  backoff_.reset();
  keep_up(*connection, watch, tail, wake_ups, revocations);
  watch.renew();  // for the UNLISTEN
}

void Listener::keep_up(pqxx::connection& connection, Watchdog::Watch& watch, LogTail& tail,
                       WakeUps& wake_ups, RevocationWatch& revocations) {
  const WakeMode mode = options_.wake.value_or(
      can_prepare_transactions(connection) ? WakeMode::kPoll : WakeMode::kArmed);
  WakeProtocol protocol(mode);
  WakePace pace;
  while (!stop_.is_set()) {
    watch.renew();
    const auto now = std::chrono::steady_clock::now();
    tell_revocations(revocations, now);
    switch (protocol.next(pace.busy(now), pace.quiet(now))) {
      case WakeProtocol::Step::kRead: {
        const int transactions = read_new(connection, watch, tail, revocations);
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
        keep_house(connection, now);
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

void Listener::begin(pqxx::connection& connection, RevocationWatch& revocations) {
  const Epoch epoch = read_epoch(connection);
  const bool new_history = !position_ || epoch != epoch_;
  // Before the catalog: a table that is watched in between is then in the log that follows.
  const auto head = new_history ? std::optional(read_head(connection)) : std::nullopt;
  sink_.set_catalog(read_catalog(connection));
  // Before any stream is served.
  tell_revocations(revocations, std::chrono::steady_clock::now());
  if (head) begin_history(epoch, *head, "epoch");
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

// Only what the sink was told counts: what fails before is done again with the next connection.
void Listener::begin_history(const Epoch& epoch, const Position& head, std::string_view reason) {
  sink_.start(epoch, head, reason);
  epoch_ = epoch;
  position_ = head;
}

int Listener::read_new(pqxx::connection& connection, Watchdog::Watch& watch, LogTail& tail,
                       RevocationWatch& revocations) {
  int transactions = 0;
  while (!stop_.is_set()) {
    watch.renew();
    BatchPtr batch;
    try {
      batch = std::make_shared<const Batch>(tail.read(*position_, [&watch] { watch.renew(); }));
    } catch (const HistoryLost& lost) {
      spdlog::error("database: history is lost ({}): all streams are reset", lost.what());
      const auto head = read_head(connection);
      // That the streams have changed may be in what was lost.
      sink_.set_catalog(read_catalog(connection));
      begin_history(epoch_, head, lost.what());
      return 1;
    }
    if (changes_catalog(*batch)) sink_.set_catalog(read_catalog(connection));
    const bool complete = batch->complete;
    note_read(*batch);
    transactions += transactions_of(*batch);
    watch.rest();
    auto end = batch->end();
    sink_.publish(std::move(batch));
    position_ = std::move(end);
    if (complete) break;
    // A large transaction takes minutes, and no revocation waits for it.
    watch.renew();
    connection.get_notifs();
    tell_revocations(revocations, std::chrono::steady_clock::now());
  }
  return transactions;
}

void Listener::tell_revocations(RevocationWatch& revocations, Time now) {
  if (auto changed = revocations.look(now)) sink_.set_revocations(std::move(changed));
}

void Listener::keep_house(pqxx::connection& connection, Time now) {
  const auto measures = housekeeper_.work(connection, now);
  if (!measures) return;
  note([&](ListenerStatus& status) {
    status.notify_queue_ratio = measures->notify_queue_ratio;
    status.log = measures->log;
  });
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

}  // namespace ordercast::pg
