#include "app/serving_options.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <stdexcept>

#include "app/connection_budget.h"
#include "app/setting.h"
#include "base/descriptor_limit.h"

namespace ordercast::app {
namespace {

// More would let one node's lagging clients take the places that the shop's own sessions need.
constexpr int kMostHistoryConnections = 16;
// Of threads, Linux allows 32,768 unless kernel.pid_max was raised.
constexpr std::size_t kMostConnections = 1'000'000;
// Ten minutes: more than any orchestrator waits for a process that it has told to end.
constexpr int kLongestDrainMs = 600'000;

const std::map<std::string, pg::WakeMode> kWakeModes{{"armed", pg::WakeMode::kArmed},
                                                     {"notify", pg::WakeMode::kNotify},
                                                     {"poll", pg::WakeMode::kPoll}};

MetricsOptions metrics_options(const std::string& text, const ListenAddress& main) {
  if (text.empty()) return {.on_main_port = main.loopback()};
  if (text == "off") return {};
  return {.listen = ListenAddress::parse(text)};
}

}  // namespace

void ServingOptions::add_to(CLI::App& command) {
  command.add_option("--listen", listen, "where to listen; port 0 takes a free one")
      ->type_name("HOST:PORT")
      ->envname("ORDERCAST_LISTEN")
      ->capture_default_str();
  command.add_option("--heartbeat-ms", heartbeat_ms, "how long a stream may be silent")
      ->check(CLI::Range(10, 60'000))
      ->envname("ORDERCAST_HEARTBEAT_MS")
      ->capture_default_str();
  command
      .add_option("--drain-ms", drain_ms,
                  "over how long the streams are ended, one by one, after SIGTERM")
      ->check(CLI::Range(0, kLongestDrainMs))
      ->check(reloadable())
      ->envname("ORDERCAST_DRAIN_MS")
      ->capture_default_str();
  command
      .add_option(
          "--max-connections", max_connections,
          "how many clients at once; each takes a thread and some 65 KB [20,000, or as many "
          "as this process may open files for]")
      ->check(CLI::Range(std::size_t{1}, kMostConnections))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_CONNECTIONS");
  command
      .add_option(
          "--history-connections", history_connections,
          "how many clients that lag or resume are read for at once; the listener has its own")
      ->check(CLI::Range(1, kMostHistoryConnections))
      ->check(reloadable())
      ->envname("ORDERCAST_HISTORY_CONNECTIONS")
      ->capture_default_str();
  command
      .add_option("--metrics-listen", metrics_listen,
                  "where to serve /metrics, or off [where --listen does, for this machine; off "
                  "where other machines can reach that]")
      ->type_name("HOST:PORT")
      ->envname("ORDERCAST_METRICS_LISTEN");
  log.add_to(command);
  command
      .add_option("--wake", wake,
                  "how commits wake this node: armed (writers NOTIFY while it sleeps), notify "
                  "(always), poll (never: it looks 40 times a second) [armed; poll where "
                  "transactions can be prepared]")
      ->check(CLI::IsMember(&kWakeModes))
      ->type_name("MODE")
      ->envname("ORDERCAST_WAKE");
  tls.add_to(command);
  access.add_to(command);
  limits.add_to(command);
}

void ServingOptions::add_open_to(CLI::App& command) {
  command
      .add_flag("--open", open,
                "allow an address that other machines can reach, without any access control")
      ->envname("ORDERCAST_OPEN");
}

void ServingOptions::add_desk_to(CLI::App& command) {
  command
      .add_flag(
          "--desk", desk,
          "let requests write, orders (POST, PATCH) and messages: anybody's, or with tokens those "
          "that say so")
      ->envname("ORDERCAST_DESK");
}

NodeOptions ServingOptions::node_options() const {
  const auto address = ListenAddress::parse(listen);
  if (!address.loopback() && !open && !access.by_token()) {
    throw std::invalid_argument(fmt::format(
        "--listen {} can be reached from other machines, and anybody who does sees all orders: "
        "listen "
        "on 127.0.0.1 behind a proxy that checks who comes, ask for tokens (--jwt-key), or add "
        "--open "
        "if that is what you want",
        listen));
  }
  const auto connections = max_connections.value_or(default_connections(raise_descriptor_limit()));
  auto streams = limits.streams(connections);
  streams.lifetime = std::chrono::seconds(access.max_stream_lifetime_s);
  return {.conninfo = {},
          .listen = address,
          .heartbeat = std::chrono::milliseconds(heartbeat_ms),
          .drain_window = std::chrono::milliseconds(drain_ms),
          .server = limits.server(connections),
          .streams = streams,
          .history_connections = static_cast<std::size_t>(history_connections),
          .tenant_history_connections = limits.tenant_history_connections,
          .metrics = metrics_options(metrics_listen, address),
          .log = {},
          .wake = wake.empty() ? std::nullopt : std::optional(kWakeModes.at(wake)),
          .desk = desk,
          .access = access,
          .tls = tls.load()};
}

void announce(const std::string& key, const std::string& value) {
  fmt::print("{} {}\n", key, value);
  std::fflush(stdout);
}

}  // namespace ordercast::app
