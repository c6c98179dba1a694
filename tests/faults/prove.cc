// `./dev prove`: the consistency proof for the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "faults/trial.h"

int main(int argc, char** argv) {
  using ordercast::faults::TrialOptions;
  TrialOptions options;
  double minutes = 1;
  CLI::App app(
      "Writers, servers and clients while faults happen: is each change told exactly once?",
      "prove");
  app.add_option("--seed", options.seed, "determines the faults, the writers and the clients")
      ->capture_default_str();
  app.add_option("--minutes", minutes, "how long faults happen")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--nodes", options.nodes)->check(CLI::Range(1, 8))->capture_default_str();
  app.add_option("--writers", options.writers)->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--clients", options.clients)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_flag("--quiet", options.quiet, "only the report");
  CLI11_PARSE(app, argc, argv);

  options.time = std::chrono::seconds(static_cast<int>(minutes * 60));
  try {
    const auto report = ordercast::faults::run_trial(options);
    fmt::print("{}", report.text());
    return report.good() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "prove: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
