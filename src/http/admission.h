// Who may come in: how many connections a second, and how many at once of one client. Judged before
// a thread or a byte is spent on a connection, unless it comes from a proxy, which must first say
// for whom. Thread-safe, but for admit(), which is the accept thread's.
//
// Programs on this machine are not counted: whoever can start them can do worse. Nor is a trusted
// proxy for itself.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/keyed_limit.h"
#include "base/mutex.h"
#include "base/token_bucket.h"
#include "http/accepted_connection.h"
#include "http/client_address.h"
#include "http/refusal.h"

namespace ordercast::http {

struct AdmissionOptions {
  // Connections at once of one client: an IPv4 address, an IPv6 /64. An office behind one address,
  // with a board or two on each desk.
  std::size_t most_per_client = 100;
  // New connections a second in the long run: a tenth of what a core can accept and greet.
  double per_second = 500;
  // How many may come at once after a quiet time: all of a full node, twice, as when a proxy is
  // restarted and restarted again.
  double burst = 20'000;
  TrustedProxies trusted_proxies{};
};

class Admission {
 public:
  explicit Admission(AdmissionOptions options);
  // For the connections and requests that come from now on.
  void set_limits(const AdmissionOptions& options) EXCLUDES(mutex_);

  // A connection that was accepted; one that may stay holds its client's place from now on.
  [[nodiscard]] std::optional<Refusal> admit(AcceptedConnection& connection,
                                             std::chrono::steady_clock::time_point now)
      EXCLUDES(mutex_);
  // The same for the request of a client that a trusted proxy has named. Others are let pass: they
  // have their place.
  [[nodiscard]] std::optional<Refusal> admit_client(AcceptedConnection& connection,
                                                    const Client& client);

  [[nodiscard]] Client client_of(const AcceptedConnection& connection,
                                 const std::vector<Header>& headers) const EXCLUDES(mutex_) {
    return http::client_of(connection.peer, headers, *trusted_proxies());
  }

  // That have a place now.
  [[nodiscard]] std::size_t clients() const { return clients_.keys(); }

 private:
  [[nodiscard]] std::optional<Refusal> take_place(AcceptedConnection& connection,
                                                  const IpAddress& client);
  void log_too_many(const IpAddress& client);

  [[nodiscard]] bool in_time(std::chrono::steady_clock::time_point now) EXCLUDES(mutex_);

  [[nodiscard]] std::shared_ptr<const TrustedProxies> trusted_proxies() const EXCLUDES(mutex_);

  mutable Mutex mutex_;
  std::shared_ptr<const TrustedProxies> trusted_proxies_ GUARDED_BY(mutex_);  // never null
  TokenBucket bucket_ GUARDED_BY(mutex_);
  KeyedLimit<IpAddress> clients_;
  std::atomic<std::chrono::steady_clock::duration> next_log_{};
};

}  // namespace ordercast::http
