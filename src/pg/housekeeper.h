// What a node does for the database beside reading: lets go what retention no longer keeps, notes
// where in the log a client that was away long is to begin (sql/0015_watermarks.sql), and looks at
// how large the log and how full PostgreSQL's NOTIFY queue is. Says in the log what an operator
// should know. Confined to the listener's thread; outlives its connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <pqxx/pqxx>

#include "pg/listener_status.h"

namespace ordercast::pg {

// How full the NOTIFY queue is, 0 to 1. When it is full, every transaction that notifies fails as
// it commits, and so does each write to a watched table. Asking also cuts the queue short at what
// its slowest reader has had: on a full one nothing else does, not even that reader's end. Throws
// what libpqxx throws.
[[nodiscard]] double notify_queue_usage(pqxx::connection& connection);

struct HousekeepingOptions {
  // How often what retention no longer keeps is let go, and a watermark considered. The shortest
  // slot of the log is a minute.
  std::chrono::milliseconds interval = std::chrono::minutes(1);
  // How often the NOTIFY queue is looked at, and from when on that is logged. It holds 8 GB; a shop
  // that fills it does so in minutes at the earliest.
  std::chrono::milliseconds queue_probe_interval{10'000};
  double queue_alarm = 0.1;
};

class Housekeeper {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Measures {
    double notify_queue_ratio = 0;
    std::optional<LogSize> log = std::nullopt;  // none: it cannot be measured
  };

  explicit Housekeeper(HousekeepingOptions options) : options_(options) {}

  // Does what is due, and waits for nobody longer than a fraction of a second. What it has
  // measured, if that was due. Throws what libpqxx throws of a connection that is of no use.
  [[nodiscard]] std::optional<Measures> work(pqxx::connection& connection, Time now);

 private:
  void let_go(pqxx::connection& connection);
  static void set_watermark(pqxx::connection& connection);
  [[nodiscard]] Measures measure(pqxx::connection& connection) const;
  // Once when it begins and once when it ends.
  void tell_log_size(std::int64_t bytes_over);

  const HousekeepingOptions options_;
  Time next_ = Time::min();
  Time next_probe_ = Time::min();
  bool log_too_large_ = false;  // and the operator was told
};

}  // namespace ordercast::pg
