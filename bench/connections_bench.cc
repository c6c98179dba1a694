// Ten thousand connections: what an idle one costs, how fast they come, and what happens when all
// are cut at once. `./dev bench connections`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/memory.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/systems.h"
#include "rig/table.h"
#include "rig/trial.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectLimit = 60s;
// Until freed memory and the last threads have settled.
constexpr auto kSettle = 2s;
constexpr auto kPace = 100ms;
constexpr int kEventsBeforeStorm = 10;
// More than are published in all the time that a storm is given.
constexpr std::uint64_t kMostEvents = 2'000;

struct Options {
  std::size_t connections = 10'000;
  int rounds = 3;
  std::vector<std::string> only;
};

struct Figures {
  double process_kb = 0;   // for each connection
  double kernel_kb = 0;    // the same, of both its ends
  double accepted = 0;     // connections a second
  double live_s = 0;       // from the cut until all are live again
  double caught_up_s = 0;  // … and have all events of the time between
  std::uint64_t refused = 0;
  std::uint64_t resets = 0;
  load::Faults faults;
};

double seconds_since(std::int64_t ns) {
  return static_cast<double>(load::now_ns() - ns) / 1e9;
}

void settle(load::Crowd& crowd) {
  crowd.run_until([] { return false; }, kSettle);
}

// Ten events a second, from 1 on, until it is stopped.
class Publisher {
 public:
  explicit Publisher(System& system)
      : thread_([this, &system] {
          auto due = std::chrono::steady_clock::now();
          for (std::uint64_t seq = 1; seq <= kMostEvents && !stop_; ++seq, due += kPace) {
            std::this_thread::sleep_until(due);
            system.publish(seq);
            last_ = seq;
          }
        }) {}
  ~Publisher() { (void)stop(); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  [[nodiscard]] std::uint64_t last() const { return last_; }
  // The last event that was published.
  std::uint64_t stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return last_;
  }

 private:
  std::atomic<std::uint64_t> last_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Cuts all at once while events go on, and lets them come back at once, with the id of the last
// event that each had.
void storm(System& system, load::Crowd& crowd, Figures& figures) {
  crowd.begin(1, kMostEvents);
  Publisher publisher(system);
  crowd.run_until([&] { return crowd.reached(kEventsBeforeStorm) == crowd.size(); }, kConnectLimit);
  const auto refused = crowd.refused() + crowd.ended();
  const auto cut = load::now_ns();
  crowd.drop_all();
  crowd.reconnect_all();
  crowd.run_until([&] { return crowd.live() == crowd.size(); }, kConnectLimit);
  figures.live_s = seconds_since(cut);
  const auto missed = publisher.last();
  crowd.run_until([&] { return crowd.reached(missed) == crowd.size(); }, kConnectLimit);
  figures.caught_up_s = seconds_since(cut);
  const auto last = publisher.stop();
  crowd.end_window(last);
  // Not until each has had all: some lose events for good.
  crowd.run_until([&] { return crowd.reached(last) == crowd.size(); }, kConnectLimit);
  figures.refused = crowd.refused() + crowd.ended() - refused;
  figures.resets = crowd.resets();
  figures.faults = crowd.faults();
}

Figures measure(const SystemKind& kind, BenchDatabase& database, const Options& options) {
  const auto system = kind.start(database);
  auto crowd_options = system->crowd(options.connections);
  crowd_options.reconnect = true;
  load::Crowd crowd(crowd_options);
  Figures figures;
  settle(crowd);
  const auto process = tree_memory(system->pid());
  const auto kernel = kernel_memory();
  const auto began = load::now_ns();
  crowd.connect(kConnectLimit);
  const auto connections = static_cast<double>(options.connections);
  figures.accepted = connections / seconds_since(began);
  settle(crowd);
  const auto more = [&](std::uint64_t now, std::uint64_t before) {
    return (static_cast<double>(now) - static_cast<double>(before)) / 1e3 / connections;
  };
  figures.process_kb = more(tree_memory(system->pid()), process);
  figures.kernel_kb = more(kernel_memory(), kernel);
  storm(*system, crowd, figures);
  return figures;
}

Figures medians(const std::vector<Figures>& rounds) {
  const auto of = [&](double Figures::*member) {
    std::vector<double> values;
    for (const auto& round : rounds) values.push_back(round.*member);
    return median(std::move(values));
  };
  Figures all{.process_kb = of(&Figures::process_kb),
              .kernel_kb = of(&Figures::kernel_kb),
              .accepted = of(&Figures::accepted),
              .live_s = of(&Figures::live_s),
              .caught_up_s = of(&Figures::caught_up_s),
              .faults = {}};
  for (const auto& round : rounds) {
    all.refused += round.refused;
    all.resets += round.resets;
    all.faults += round.faults;
  }
  return all;
}

int run(const Options& options) {
  pin_thread(Core::kLoad);
  BenchDatabase database;
  std::vector<const SystemKind*> kinds;
  for (const auto name : {"bare", "ordercast", "nchan", "better-sse", "node-pg"}) {
    if (options.only.empty() ||
        std::find(options.only.begin(), options.only.end(), name) != options.only.end()) {
      kinds.push_back(&system_kind(name));
    }
  }
  std::vector<std::vector<Figures>> results(kinds.size());
  for (int round = 1; round <= options.rounds; ++round) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      progress(fmt::format("connections: {}, round {} of {}, {}", options.connections, round,
                           options.rounds, kinds[i]->title));
      results[i].push_back(measure(*kinds[i], database, options));
    }
  }
  progress_end();
  Table memory({"system", "process KB", "kernel KB, both ends", "sum", "accepted/s"});
  Table storms({"system", "all live s", "caught up s", "refused", "resets", "lost"});
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto figures = medians(results[i]);
    memory.add({std::string(kinds[i]->title), number(figures.process_kb), number(figures.kernel_kb),
                number(figures.process_kb + figures.kernel_kb), number(figures.accepted)});
    storms.add({std::string(kinds[i]->title), number(figures.live_s), number(figures.caught_up_s),
                count(figures.refused), count(figures.resets), text_of(figures.faults, false)});
  }
  fmt::print("### An idle connection of {}; medians of {} rounds\n\n{}\n",
             count(options.connections), options.rounds, memory.text());
  fmt::print("### {} connections cut at once, at 10 events a second; {} rounds\n\n{}\n{}",
             count(options.connections), options.rounds, storms.text(),
             machine(database.version()));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("What ten thousand connections cost, and how they survive being cut at once",
               "connections");
  app.add_option("--connections", options.connections)
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--only", options.only, "bare, ordercast, nchan, better-sse, node-pg")
      ->delimiter(',');
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
