#include "app/load_command.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "app/load_report.h"
#include "app/signals.h"
#include "app/stream_url.h"
#include "app/token_source.h"
#include "core/terminal_text.h"
#include "load/change_numbers.h"
#include "load/crowd.h"

namespace ordercast::app {
namespace {

using std::chrono::seconds;

// For all connections to be answered; then for the last events to reach the last of them.
constexpr seconds kConnectLimit{60};
constexpr seconds kLastEventsLimit{10};

struct LoadOptions {
  std::string url;
  std::size_t connections = 1'000;
  int seconds = 30;
  bool reconnect = false;
  bool json = false;
  TokenSource token;
};

// The first IPv4 address of a host.
std::string address_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    throw std::invalid_argument(fmt::format("{}: {}", host, ::gai_strerror(error)));
  }
  std::array<char, INET_ADDRSTRLEN> text{};
  const auto* address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  ::freeaddrinfo(found);
  return text.data();
}

load::CrowdOptions crowd_options(const LoadOptions& options, load::ChangeNumbers& numbers) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::uint16_t kUsualPort = 80;
  const auto url = stream_url("", options.url, {});
  if (!url.starts_with(kScheme)) {
    throw std::invalid_argument("'" + url +
                                "' is not of the form http://127.0.0.1:8080/v1/streams/orders");
  }
  const auto slash = url.find('/', kScheme.size());
  const auto authority = url.substr(kScheme.size(), slash - kScheme.size());
  const auto colon = authority.rfind(':');
  load::CrowdOptions crowd{.port = kUsualPort, .target = url.substr(slash)};
  const auto* end = authority.data() + authority.size();
  if (colon != authority.npos &&
      std::from_chars(authority.data() + colon + 1, end, crowd.port).ptr != end) {
    throw std::invalid_argument("'" + authority + "' has no port");
  }
  crowd.address = address_of(authority.substr(0, colon));
  crowd.connections = options.connections;
  crowd.reconnect = options.reconnect;
  crowd.stamp_of = [&numbers](std::string_view data) { return numbers.of(data); };
  const auto token = options.token.token();
  if (!token.empty()) crowd.headers = "Authorization: Bearer " + token + "\r\n";
  return crowd;
}

// Receives for the time that was asked for, or until a signal; returns how long that was.
double watch(load::Crowd& crowd, const LoadOptions& options, const Signals& signals) {
  const auto began = load::now_ns();
  const auto elapsed = [&] { return static_cast<double>(load::now_ns() - began) / 1e9; };
  ProgressBar bar(STDERR_FILENO, options.seconds);
  bool stopped = false;
  const auto limit = began + std::int64_t{options.seconds} * 1'000'000'000;
  while (!stopped && load::now_ns() < limit) {
    crowd.run_until([&] { return (stopped = signals.stop_asked()); },
                    std::chrono::milliseconds(250));
    bar.show(elapsed(), crowd);
  }
  bar.clear();
  return elapsed();
}

void run(const LoadOptions& options) {
  const Signals signals;
  load::ChangeNumbers numbers;
  load::Crowd crowd(crowd_options(options, numbers));
  crowd.watch();
  crowd.connect(kConnectLimit);
  const auto before = crowd.highest();
  const auto events_before = crowd.events();
  const double elapsed = watch(crowd, options, signals);
  const auto events = crowd.events() - events_before;
  const auto highest = crowd.highest();
  if (highest > before) {
    // What anybody has seen is on its way to all.
    crowd.run_until([&] { return crowd.reached(highest) == crowd.size(); }, kLastEventsLimit);
    crowd.end_watch(highest);
  }
  const LoadReport report(crowd, highest > before ? events : 0, elapsed);
  fmt::print("{}", options.json ? report.json() : report.text());
  if (!report.problem().empty()) throw std::runtime_error(report.problem());
}

}  // namespace

void add_load(CLI::App& app) {
  auto options = std::make_shared<LoadOptions>();
  auto* command = app.add_subcommand(
      "load",
      "Be many clients of one stream, and say whether each was sent everything, and how fast");
  command->add_option("URL", options->url, "as http://127.0.0.1:8080/v1/streams/orders")
      ->required();
  command->add_option("--connections", options->connections, "how many clients")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "for how long; Ctrl-C ends it earlier")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  command->add_flag("--reconnect", options->reconnect, "resume streams that the server ends");
  command->add_flag("--json", options->json, "print the result as one JSON object");
  options->token.add_to(*command);
  command->callback([options] {
    try {
      run(*options);
    } catch (const load::LoadError& error) {
      throw std::runtime_error(terminal_text(error.what()));  // it may hold the server's words
    }
  });
}

}  // namespace ordercast::app
