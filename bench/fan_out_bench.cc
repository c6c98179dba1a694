// Fan-out: what one delivery costs, and how soon the last of many subscribers has an event.
// `./dev bench fan_out`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/progress.h"
#include "rig/systems.h"
#include "rig/table.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kConnectLimit = 60s;
constexpr auto kIdleTime = 2s;
constexpr auto kPace = 100ms;
// A system that delivers nothing for so long delivers nothing more.
constexpr std::int64_t kStallNs = 10'000'000'000;

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

class Trial {
 public:
  Trial(const SystemKind& kind, BenchDatabase& database, std::size_t subscribers,
        const Options& options)
      : options_(options), system_(kind.start(database)), crowd_(system_->crowd(subscribers)) {
    crowd_.connect(kConnectLimit);
    warm_up();
  }

  Figures paced() {
    const auto first = next_;
    const auto last = first + static_cast<std::uint64_t>(options_.seconds) * (1s / kPace) - 1;
    const auto idle = idle_cost();
    crowd_.begin(first, last);
    const Costs before = costs();
    const auto began = Clock::now();
    publish([&] {
      auto due = Clock::now();
      for (auto seq = first; seq <= last; ++seq, due += kPace) {
        std::this_thread::sleep_until(due);
        system_->publish(seq);
      }
    });
    const auto took = std::chrono::duration<double>(Clock::now() - began).count();
    const auto used = costs() - before - idle * took;
    next_ = last + 1;
    return figures(used, took);
  }

  Figures burst() {
    const auto first = next_;
    const auto last = first + static_cast<std::uint64_t>(options_.burst) - 1;
    auto fire = system_->prepare_burst(first, last);
    const Costs before = costs();
    const auto began = load::now_ns();
    crowd_.begin(first, last, began);
    publish(std::move(fire));
    next_ = last + 1;
    return figures(costs() - before,
                   static_cast<double>(crowd_.deliveries().last_ns() - began) / 1e9);
  }

 private:
  // Nanoseconds of CPU.
  struct Costs {
    double server = 0;
    double database = 0;
    Costs operator-(const Costs& other) const {
      return {server - other.server, database - other.database};
    }
    Costs operator*(double factor) const { return {server * factor, database * factor}; }
  };

  [[nodiscard]] Costs costs() const {
    return {static_cast<double>(system_->cpu_ns()),
            static_cast<double>(system_->database_cpu_ns())};
  }

  // Until an event reaches all: some servers answer before the subscription stands.
  void warm_up() {
    constexpr int kTries = 50;
    constexpr int kWarm = 5;
    int reached = 0;
    for (int attempt = 0; attempt < kTries && reached < kWarm; ++attempt, ++next_) {
      crowd_.begin(next_, next_);
      system_->publish(next_);
      reached += crowd_.run(2s) ? 1 : 0;
    }
    if (reached < kWarm) throw load::LoadError("events do not reach all subscribers");
  }

  // A second of doing nothing.
  [[nodiscard]] Costs idle_cost() {
    const Costs before = costs();
    crowd_.run_until([] { return false; }, kIdleTime);
    return (costs() - before) * (1.0 / std::chrono::duration<double>(kIdleTime).count());
  }

  // Runs `publisher` beside the crowd, until all is delivered, nothing moves, or time is up.
  void publish(std::function<void()> publisher) {
    std::exception_ptr error;
    std::atomic<bool> published = false;
    std::thread thread([&] {
      try {
        publisher();
      } catch (...) {
        error = std::current_exception();
      }
      published = true;
    });
    const auto began = load::now_ns();
    const bool ended = crowd_.run_until(
        [&] {
          const auto moved = std::max(began, crowd_.deliveries().last_ns());
          return crowd_.complete() || load::now_ns() - moved > kStallNs;
        },
        std::chrono::seconds(options_.limit_s));
    cut_ = !ended;
    // A publisher that is not through would wait for ever for subscribers who do not read.
    crowd_.run_until([&] { return published.load(); }, std::chrono::hours(1));
    thread.join();
    if (error) std::rethrow_exception(error);
  }

  [[nodiscard]] Figures figures(const Costs& used, double seconds) const {
    const auto count = static_cast<double>(std::max<std::uint64_t>(1, crowd_.deliveries().count()));
    return {.cpu_us = used.server / 1e3 / count,
            .database_cpu_us = used.database / 1e3 / count,
            .per_second = seconds > 0 ? count / seconds : 0,
            .latency = crowd_.deliveries().latency(),
            .faults = crowd_.faults(),
            .cut = cut_};
  }

  const Options& options_;
  std::unique_ptr<System> system_;
  load::Crowd crowd_;
  std::uint64_t next_ = 1;
  bool cut_ = false;
};

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

std::string faults_text(const Figures& figures) {
  const auto& faults = figures.faults;
  if (figures.cut) return fmt::format("cut, {} to go", faults.lost);
  if (faults.none()) return "0";
  return fmt::format("{} lost, {} twice, {} late", faults.lost, faults.duplicated,
                     faults.reordered);
}

void add_rows(Table& table, std::size_t subscribers, const Results& results,
              std::vector<Figures> Series::*what) {
  const auto bare = of(results, "bare", what);
  const auto nchan = of(results, "nchan", what);
  for (const auto& kind : system_kinds()) {
    const auto found = results.find(kind.name);
    if (found == results.end() || (found->second.*what).empty()) continue;
    const auto figures = medians(found->second.*what);
    table.add({fmt::format("{}, {}", number(static_cast<double>(subscribers)), kind.title),
               number(figures.cpu_us), ratio(figures.cpu_us, bare.cpu_us),
               ratio(figures.cpu_us, nchan.cpu_us), number(figures.database_cpu_us),
               number(figures.per_second), ratio(figures.per_second, nchan.per_second),
               number(figures.latency.first), number(figures.latency.median),
               number(figures.latency.p99), number(figures.latency.last),
               ratio(figures.latency.last, nchan.latency.last), faults_text(figures)});
  }
}

Table table() {
  return Table({"subscribers, system", "CPU µs/delivery", "to bare", "to nchan", "DB µs/delivery",
                "deliveries/s", "to nchan", "first ms", "median ms", "p99 ms", "last ms",
                "last to nchan", "lost"});
}

bool wanted(const Options& options, std::string_view name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
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
        if (!wanted(options, kind.name)) continue;
        progress(fmt::format("fan_out: {} subscribers, round {} of {}, {}", subscribers, round,
                             options.rounds, kind.title));
        Trial trial(kind, database, subscribers, options);
        auto& series = results[kind.name];
        if (kind.paced) series.paced.push_back(trial.paced());
        const auto deliveries = static_cast<std::size_t>(options.burst) * subscribers;
        if (deliveries > 0 && (round == 1 || deliveries <= kRepeatedBurst)) {
          series.burst.push_back(trial.burst());
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
                 "bare, hub, ordercast, transaction, nchan, better-sse, node-pg")
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
  CLI11_PARSE(app, argc, argv);
  try {
    return ordercast::bench::run(options);
  } catch (const std::exception& error) {
    ordercast::bench::progress_end();
    fmt::print(stderr, "fan_out: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
