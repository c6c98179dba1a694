#include "app/limit_options.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "app/setting.h"

namespace ordercast::app {
namespace {

constexpr const char* kGroup = "Limits";
constexpr std::size_t kMostConnections = 1'000'000;
constexpr double kMostPerSecond = 1'000'000;
constexpr int kShortestMs = 100;
// Longer than any client needs, and than a proxy waits.
constexpr int kLongestMs = 600'000;
constexpr std::size_t kSmallestBody = 1024;
constexpr std::size_t kLargestBody = std::size_t{16} << 20;
// Of every so many connections one is kept from streams: see http::StreamLimitOptions.
constexpr std::size_t kOneInReserve = 20;
// We, and not the kernel, are to decide that a peer is gone: see http::ServerOptions.
constexpr std::chrono::seconds kBeyondStall{5};

http::TrustedProxies parse_proxies(const std::vector<std::string>& texts) {
  http::TrustedProxies proxies;
  for (const auto& text : texts) {
    const auto range = http::AddressRange::parse(text);
    if (!range) {
      throw std::invalid_argument(fmt::format(
          "--trusted-proxy {}: an address or a range was expected, as 10.0.0.7, 10.0.0.0/8 or "
          "2001:db8::/32, with zeros behind the prefix",
          text));
    }
    proxies.push_back(*range);
  }
  return proxies;
}

}  // namespace

void LimitOptions::add_to(CLI::App& command) {
  add_counts_to(command);
  add_rates_to(command);
  add_requests_to(command);
}

void LimitOptions::add_counts_to(CLI::App& command) {
  command
      .add_option("--max-streams", max_streams,
                  "how many streams at once [a twentieth less than --max-connections]")
      ->check(CLI::Range(std::size_t{1}, kMostConnections))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_STREAMS")
      ->group(kGroup);
  command
      .add_option("--max-streams-per-tenant", max_streams_per_tenant,
                  "how many of one tenant at once, where tokens name tenants")
      ->check(CLI::Range(std::size_t{1}, kMostConnections))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_STREAMS_PER_TENANT")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--max-connections-per-address", max_connections_per_address,
                  "how many clients at once from one IPv4 address or IPv6 /64; programs on this "
                  "machine are not counted")
      ->check(CLI::Range(std::size_t{1}, kMostConnections))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_CONNECTIONS_PER_ADDRESS")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--trusted-proxy", trusted_proxies,
                  "an address or range whose X-Forwarded-For and X-Forwarded-Proto are believed; "
                  "may be given several times")
      ->type_name("CIDR")
      ->check(reloadable())
      ->envname("ORDERCAST_TRUSTED_PROXY")
      ->delimiter(',')
      ->group(kGroup);
}

void LimitOptions::add_rates_to(CLI::App& command) {
  command
      .add_option("--connections-per-second", connections_per_second,
                  "how many new connections are taken, in the long run")
      ->check(CLI::Range(1.0, kMostPerSecond))
      ->check(reloadable())
      ->envname("ORDERCAST_CONNECTIONS_PER_SECOND")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--connection-burst", connection_burst,
                  "how many of them at once after a quiet time: a whole crowd that comes back")
      ->check(CLI::Range(1.0, kMostPerSecond))
      ->check(reloadable())
      ->envname("ORDERCAST_CONNECTION_BURST")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option(
          "--tenant-history-connections", tenant_history_connections,
          "how many clients of one tenant, that lag or resume, are read for at once; one of "
          "--history-connections is always left to the others")
      ->check(CLI::Range(std::size_t{1}, std::size_t{16}))
      ->check(reloadable())
      ->envname("ORDERCAST_TENANT_HISTORY_CONNECTIONS")
      ->capture_default_str()
      ->group(kGroup);
}

void LimitOptions::add_requests_to(CLI::App& command) {
  command
      .add_option("--request-timeout-ms", request_timeout_ms,
                  "how long a request may take to arrive, head and body")
      ->check(CLI::Range(kShortestMs, kLongestMs))
      ->check(reloadable())
      ->envname("ORDERCAST_REQUEST_TIMEOUT_MS")
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--write-stall-ms", write_stall_ms,
                  "how long a stream's client may take no byte of what there is for it")
      ->check(CLI::Range(kShortestMs, kLongestMs))
      ->check(reloadable())
      ->envname("ORDERCAST_WRITE_STALL_MS")
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--max-body-bytes", max_body_bytes, "how large the body of a request may be")
      ->check(CLI::Range(kSmallestBody, kLargestBody))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_BODY_BYTES")
      ->capture_default_str()
      ->group(kGroup);
}

http::ServerOptions LimitOptions::server(std::size_t max_connections) const {
  http::ServerOptions server;
  server.max_connections = max_connections;
  server.limits.body_bytes = max_body_bytes;
  server.admission = {.most_per_client = max_connections_per_address,
                      .per_second = connections_per_second,
                      .burst = connection_burst,
                      .trusted_proxies = parse_proxies(trusted_proxies)};
  server.request_timeout = std::chrono::milliseconds(request_timeout_ms);
  server.write_stall_timeout = std::chrono::milliseconds(write_stall_ms);
  server.peer_timeout = server.write_stall_timeout + kBeyondStall;
  return server;
}

http::StreamLimitOptions LimitOptions::streams(std::size_t max_connections) const {
  return {.most = max_streams.value_or(max_connections - max_connections / kOneInReserve),
          .most_per_tenant = max_streams_per_tenant};
}

}  // namespace ordercast::app
