// Watches which tokens are void (sql/0014_revocations.sql) over one connection, which it LISTENs on
// while it lives. Asks when a notification says that something has changed, and every `interval`
// all the same; the list itself is read only when it is another one. Confined to the connection's
// thread. libpqxx errors pass through.
#pragma once

#include <chrono>
#include <cstdint>
#include <pqxx/pqxx>
#include <string>

#include "core/revocations.h"

namespace ordercast::pg {

class RevocationWatch : public pqxx::notification_receiver {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Of the default `interval` is what a client is promised where a notification is lost: 4 s.
  explicit RevocationWatch(pqxx::connection& connection,
                           std::chrono::milliseconds interval = std::chrono::seconds(3));

  // A notification has come: pqxx calls it from get_notifs().
  void operator()(const std::string& payload, int pid) override;

  // The list, when it is time to ask and it has changed since the last call; null when not. The
  // first call has it always.
  [[nodiscard]] RevocationsPtr look(Time now);

 private:
  static constexpr std::int64_t kNone = -1;

  const std::chrono::milliseconds interval_;
  Time next_ = Time::min();
  std::int64_t number_ = kNone;  // of the list that was read last
};

}  // namespace ordercast::pg
