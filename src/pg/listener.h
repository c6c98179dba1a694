// Follows the change log: one thread, one connection of its own. Is woken by NOTIFY, or looks by
// itself, as WakeProtocol says (and, as the safety net, every `poll_interval`), reads what is new
// and hands it to the sink. After every connection it listens first, then reads, and only then
// trusts notifications; a broken connection is thrown away, never re-opened under us; one on which
// nothing is answered too.
//
// start() and stop() from one thread; the sink is called from the listener's thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "base/backoff.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "base/wake_fd.h"
#include "core/change_sink.h"
#include "pg/housekeeper.h"
#include "pg/listener_status.h"
#include "pg/log_tail.h"
#include "pg/revocation_watch.h"
#include "pg/wake_protocol.h"
#include "pg/watchdog.h"

namespace ordercast::pg {

struct ListenerOptions {
  std::string conninfo;  // as libpq takes it
  // None: kArmed, but kPoll where transactions can be prepared, which those that have notified
  // cannot.
  std::optional<WakeMode> wake = std::nullopt;
  // NOTIFY is only a wake-up: one that is lost, for the node that had asked for it has crashed,
  // delays a change by this much.
  std::chrono::milliseconds poll_interval{1000};
  // In kPoll. An empty read takes 0.1 ms.
  std::chrono::milliseconds poll_without_notify{25};
  // Between attempts to connect: soon at first, rarely when the database stays away.
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{5000};
  HousekeepingOptions housekeeping = {};
};

class Listener {
 public:
  // `sink` and `watchdog` outlive the listener.
  Listener(ListenerOptions options, ChangeSink& sink, Watchdog& watchdog);
  ~Listener() { stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();
  // Returns when the first attempt to reach the database has ended, one way or the other, or after
  // `limit`.
  void wait_first_attempt(std::chrono::milliseconds limit) const { tried_.wait(-1, limit); }
  // From any thread.
  [[nodiscard]] ListenerStatus status() const EXCLUDES(status_mutex_);
  // Returns when the thread has ended: at once, or after the statement that runs (kAnswerLimit).
  void stop();

 private:
  class WakeUps;
  using Time = std::chrono::steady_clock::time_point;

  void run();
  // One connection's life; ends by an exception or when stopping.
  void follow();
  void begin(pqxx::connection& connection, RevocationWatch& revocations);
  // The history that is followed from now on.
  void begin_history(const Epoch& epoch, const Position& head, std::string_view reason);
  // The steps that the protocol asks for, until stopping.
  void keep_up(pqxx::connection& connection, Watchdog::Watch& watch, LogTail& tail,
               WakeUps& wake_ups, RevocationWatch& revocations);
  // Of about how many transactions there were changes.
  int read_new(pqxx::connection& connection, Watchdog::Watch& watch, LogTail& tail,
               RevocationWatch& revocations);
  void tell_revocations(RevocationWatch& revocations, Time now);
  void keep_house(pqxx::connection& connection, Time now);
  // For status().
  template <typename Change>
  void note(Change change) EXCLUDES(status_mutex_);
  void note_read(const Batch& batch);
  void note_failure(std::string code, std::string_view detail);

  const ListenerOptions options_;
  ChangeSink& sink_;
  Watchdog& watchdog_;
  Backoff backoff_;
  Housekeeper housekeeper_;
  WakeFd stop_;
  WakeFd tried_;  // the first attempt to connect has ended
  // As the sink was told.
  Epoch epoch_;
  std::optional<Position> position_;  // none: nothing was told yet
  TransactionId oldest_running_ = 0;
  mutable Mutex status_mutex_;
  ListenerStatus status_ GUARDED_BY(status_mutex_);
  Thread thread_;
};

}  // namespace ordercast::pg
