#include "http/admission.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace ordercast::http {
namespace {

// A flood must not fill the log.
constexpr std::chrono::seconds kLogInterval{10};

constexpr Refusal kTooFast{503, "too_many_new_connections",
                           "More clients come than the server takes at once. Try again in a few "
                           "seconds."};
constexpr Refusal kTooMany{
    429, "too_many_connections",
    "Your address has as many connections as one client may have. Close some "
    "that you do not need."};

}  // namespace

Admission::Admission(AdmissionOptions options)
    : trusted_proxies_(std::make_shared<TrustedProxies>(std::move(options.trusted_proxies))),
      bucket_(options.per_second, options.burst),
      clients_(options.most_per_client) {}

void Admission::set_limits(const AdmissionOptions& options) {
  clients_.set_most(options.most_per_client);
  auto proxies = std::make_shared<const TrustedProxies>(options.trusted_proxies);
  const MutexLock lock(mutex_);
  bucket_.set_rate(options.per_second, options.burst);
  trusted_proxies_ = std::move(proxies);
}

std::shared_ptr<const TrustedProxies> Admission::trusted_proxies() const {
  const MutexLock lock(mutex_);
  return trusted_proxies_;
}

bool Admission::in_time(std::chrono::steady_clock::time_point now) {
  const MutexLock lock(mutex_);
  return bucket_.take(now);
}

std::optional<Refusal> Admission::admit(AcceptedConnection& connection,
                                        std::chrono::steady_clock::time_point now) {
  const auto& peer = connection.peer;
  const bool counted = peer && !peer->is_loopback() && !trusts(*trusted_proxies(), peer);
  // First, so that one client who knocks without end does not use up what is there for all.
  if (counted) {
    if (auto refused = take_place(connection, *peer)) return refused;
  }
  if (in_time(now)) return std::nullopt;
  connection.place = {};
  return kTooFast;
}

std::optional<Refusal> Admission::admit_client(AcceptedConnection& connection,
                                               const Client& client) {
  const bool named = client.address && client.address != connection.peer;
  if (!named || client.address->is_loopback()) return std::nullopt;
  return take_place(connection, *client.address);
}

std::optional<Refusal> Admission::take_place(AcceptedConnection& connection,
                                             const IpAddress& client) {
  if (auto place = clients_.enter(client.client_network())) {
    connection.place = *std::move(place);
    return std::nullopt;
  }
  log_too_many(client);
  return kTooMany;
}

void Admission::log_too_many(const IpAddress& client) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  auto next = next_log_.load();
  if (now < next || !next_log_.compare_exchange_strong(next, now + kLogInterval)) return;
  spdlog::warn(
      "{} has {} connections, which is the limit for one address: more are refused. Should it be a "
      "proxy, name it with --trusted-proxy, and let it send X-Forwarded-For; else see "
      "--max-connections-per-address",
      client.text(), clients_.most());
}

}  // namespace ordercast::http
