// `load`: many SSE clients of one URL, and what each of them received.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "load/crowd.h"

namespace ordercast::load {
namespace {

struct Options {
  std::string url;
  std::size_t connections = 1'000;
  int seconds = 30;
  bool reconnect = false;
};

// http://ADDRESS:PORT/target
CrowdOptions crowd_options(const Options& options) {
  constexpr std::string_view kScheme = "http://";
  const std::string_view url = options.url;
  const auto rest = url.substr(std::min(url.size(), kScheme.size()));
  const auto slash = rest.find('/');
  const auto colon = rest.substr(0, slash).find(':');
  CrowdOptions crowd;
  crowd.connections = options.connections;
  crowd.reconnect = options.reconnect;
  if (!url.starts_with(kScheme) || slash == rest.npos || colon == rest.npos ||
      std::from_chars(rest.data() + colon + 1, rest.data() + slash, crowd.port).ptr !=
          rest.data() + slash) {
    throw LoadError("'" + options.url +
                    "' is not of the form http://127.0.0.1:8080/v1/streams/orders");
  }
  crowd.address = rest.substr(0, colon);
  crowd.target = rest.substr(slash);
  return crowd;
}

void show(const Crowd& crowd, int seconds, bool last) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  constexpr int kPlainInterval = 5;
  if (!terminal && !last && seconds % kPlainInterval != 0) return;
  fmt::print(stderr, "{}{} s: {} live, {} events, {} MB, {} ended, {} refused{}",
             terminal ? "\r\033[K" : "", seconds, crowd.live(), crowd.events(),
             crowd.bytes() / 1'000'000, crowd.ended(), crowd.refused(),
             terminal && !last ? "" : "\n");
  std::fflush(stderr);
}

int run(const Options& options) {
  Crowd crowd(crowd_options(options));
  const auto began = now_ns();
  crowd.connect(std::chrono::seconds(60));
  fmt::print("connected {} in {:.2f} s\n", crowd.live(),
             static_cast<double>(now_ns() - began) / 1e9);
  crowd.watch();
  for (int second = 1; second <= options.seconds; ++second) {
    crowd.run_until([] { return false; }, std::chrono::seconds(1));
    show(crowd, second, second == options.seconds);
  }
  const auto latency = crowd.deliveries().latency();
  const auto faults = crowd.faults();
  fmt::print(
      "events {} (stamped {}), {:.0f}/s\nlatency median {:.3f} ms, p99 {:.3f} ms\n"
      "lost {}, twice {}, late {}, resets {}, ended {}, refused {}\n",
      crowd.events(), crowd.deliveries().count(),
      static_cast<double>(crowd.events()) / options.seconds, latency.median, latency.p99,
      faults.lost, faults.duplicated, faults.reordered, crowd.resets(), crowd.ended(),
      crowd.refused());
  return faults.none() && crowd.live() == crowd.size() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace ordercast::load

int main(int argc, char** argv) {
  ordercast::load::Options options;
  CLI::App app("Many SSE clients of one URL, and what each of them received", "load");
  app.add_option("url", options.url, "http://127.0.0.1:8080/v1/streams/orders")->required();
  app.add_option("--connections", options.connections)
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 86'400))->capture_default_str();
  app.add_flag("--reconnect", options.reconnect, "a stream that the server ends is resumed");
  CLI11_PARSE(app, argc, argv);
  try {
    return ordercast::load::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "load: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
