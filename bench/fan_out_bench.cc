// Fan-out: what one delivery costs, and how soon the last of many subscribers has an event.
// `./dev bench fan_out`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/systems.h"
#include "rig/table.h"
#include "rig/trial.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kPace = 100ms;

// Deliveries. A larger burst is measured in the first round only: it takes minutes, beside which
// chance is small.
constexpr std::size_t kRepeatedBurst = 5'000'000;

struct Options {
  std::vector<std::size_t> subscribers{100, 1'000, 10'000};
  std::vector<std::string> only;
  int rounds = 3;
  int seconds = 10;
  int burst = 2'000;
  int limit_s = 300;
};

// Of one round, or the medians of several.
struct Figures {
  double cpu_us = 0;           // of the server, for each delivery
  double database_cpu_us = 0;  // of PostgreSQL, for each delivery
  double per_second = 0;       // deliveries
  load::Latency latency;
  load::Faults faults;
  bool cut = false;  // the limit came before the end: nothing is known to be lost
};

Figures figures(const Trial& trial, const Costs& used, double seconds, bool cut) {
  const auto& deliveries = trial.crowd().deliveries();
  const auto count = static_cast<double>(std::max<std::uint64_t>(1, deliveries.count()));
  return {.cpu_us = used.server / 1e3 / count,
          .database_cpu_us = used.database / 1e3 / count,
          .per_second = seconds > 0 ? count / seconds : 0,
          .latency = deliveries.latency(),
          .faults = trial.crowd().faults(),
          .cut = cut};
}

double seconds_since(std::int64_t ns, std::int64_t now) {
  return static_cast<double>(now - ns) / 1e9;
}

Figures measure_paced(Trial& trial, const Options& options) {
  const auto window = trial.next(static_cast<std::uint64_t>(options.seconds) * (1s / kPace));
  const auto idle = trial.idle_cost();
  const auto before = trial.costs();
  const auto began = load::now_ns();
  const bool ended = trial.run(
      window,
      [&] {
        auto due = std::chrono::steady_clock::now();
        for (auto seq = window.first; seq <= window.last; ++seq, due += kPace) {
          std::this_thread::sleep_until(due);
          trial.system().publish(seq);
        }
      },
      std::chrono::seconds(options.limit_s));
  const auto took = seconds_since(began, load::now_ns());
  return figures(trial, trial.costs() - before - idle * took, took, !ended);
}

Figures measure_burst(Trial& trial, const Options& options) {
  const auto window = trial.next(static_cast<std::uint64_t>(options.burst));
  auto fire = trial.system().prepare_burst(window.first, window.last);
  const auto before = trial.costs();
  const auto began = load::now_ns();
  const bool ended =
      trial.run(window, std::move(fire), std::chrono::seconds(options.limit_s), began);
  return figures(trial, trial.costs() - before,
                 seconds_since(began, trial.crowd().deliveries().last_ns()), !ended);
}

template <typename Member>
double median_of(const std::vector<Figures>& rounds, Member member) {
  std::vector<double> values;
  for (const auto& round : rounds) values.push_back(member(round));
  return median(std::move(values));
}

Figures medians(const std::vector<Figures>& rounds) {
  const auto of = [&rounds](auto member) { return median_of(rounds, member); };
  Figures all{.cpu_us = of([](const Figures& f) { return f.cpu_us; }),
              .database_cpu_us = of([](const Figures& f) { return f.database_cpu_us; }),
              .per_second = of([](const Figures& f) { return f.per_second; }),
              .latency = {.first = of([](const Figures& f) { return f.latency.first; }),
                          .median = of([](const Figures& f) { return f.latency.median; }),
                          .p99 = of([](const Figures& f) { return f.latency.p99; }),
                          .last = of([](const Figures& f) { return f.latency.last; })},
              .faults = {}};
  for (const auto& round : rounds) {
    all.faults += round.faults;
    all.cut = all.cut || round.cut;
  }
  return all;
}

// What is measured of one system with so many subscribers, round by round.
struct Series {
  std::vector<Figures> paced;
  std::vector<Figures> burst;
};
using Results = std::map<std::string_view, Series>;

// Of a system that took part; all zero, so that ratios to it are "-", else.
Figures of(const Results& results, std::string_view name, std::vector<Figures> Series::*what) {
  const auto found = results.find(name);
  return found == results.end() ? Figures{} : medians(found->second.*what);
}

void add_rows(Table& table, std::size_t subscribers, const Results& results,
              std::vector<Figures> Series::*what) {
  const auto bare = of(results, "bare", what);
  const auto nchan = of(results, "nchan", what);
  for (const auto& kind : system_kinds()) {
    const auto found = results.find(kind.name);
    if (found == results.end() || (found->second.*what).empty()) continue;
    const auto figures = medians(found->second.*what);
    table.add({fmt::format("{}, {}", count(subscribers), kind.title), number(figures.cpu_us),
               ratio(figures.cpu_us, bare.cpu_us), ratio(figures.cpu_us, nchan.cpu_us),
               number(figures.database_cpu_us), number(figures.per_second),
               ratio(figures.per_second, nchan.per_second), number(figures.latency.first),
               number(figures.latency.median), number(figures.latency.p99),
               number(figures.latency.last), ratio(figures.latency.last, nchan.latency.last),
               text_of(figures.faults, figures.cut)});
  }
}

Table table() {
  return Table({"subscribers, system", "CPU µs/delivery", "to bare", "to nchan", "DB µs/delivery",
                "deliveries/s", "to nchan", "first ms", "median ms", "p99 ms", "last ms",
                "last to nchan", "lost"});
}

bool wanted(const Options& options, const SystemKind& kind) {
  if (options.only.empty()) return !kind.only_when_named;
  return std::find(options.only.begin(), options.only.end(), kind.name) != options.only.end();
}

int run(const Options& options) {
  pin_thread(Core::kLoad);
  BenchDatabase database;
  auto paced = table();
  auto burst = table();
  for (const auto subscribers : options.subscribers) {
    Results results;
    for (int round = 1; round <= options.rounds; ++round) {
      for (const auto& kind : system_kinds()) {
        if (!wanted(options, kind)) continue;
        progress(fmt::format("fan_out: {} subscribers, round {} of {}, {}", subscribers, round,
                             options.rounds, kind.title));
        Trial trial(kind.start(database), subscribers);
        auto& series = results[kind.name];
        if (kind.paced) series.paced.push_back(measure_paced(trial, options));
        const auto deliveries = static_cast<std::size_t>(options.burst) * subscribers;
        if (deliveries > 0 && (round == 1 || deliveries <= kRepeatedBurst)) {
          series.burst.push_back(measure_burst(trial, options));
        }
      }
    }
    add_rows(paced, subscribers, results, &Series::paced);
    add_rows(burst, subscribers, results, &Series::burst);
  }
  progress_end();
  fmt::print("### Fan-out, paced: 10 events a second for {} s; medians of {} rounds\n\n{}\n",
             options.seconds, options.rounds, paced.text());
  fmt::print("### Fan-out, burst: {} events at once; medians of {} rounds\n\n{}\n", options.burst,
             options.rounds, burst.text());
  fmt::print("{}", machine(database.version()));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("What a delivery costs, against a bare send() loop, nchan and two Node servers",
               "fan_out");
  app.add_option("--subscribers", options.subscribers)->delimiter(',')->capture_default_str();
  app.add_option("--only", options.only,
                 "bare, hub, ordercast, transaction, nchan, better-sse, node-pg; bare-io_uring and "
                 "bare-threads are measured only when named")
      ->delimiter(',');
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--seconds", options.seconds, "how long events are paced")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  app.add_option("--burst", options.burst, "events of the burst; 0 leaves it out")
      ->check(CLI::Range(0, 20'000))
      ->capture_default_str();
  app.add_option("--limit", options.limit_s, "seconds until a burst is given up")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
