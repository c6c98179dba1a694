// Soak: does anything grow while clients come and go for a long time, and does anybody miss
// anything? `./dev bench soak --minutes 30`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "load/stamp.h"
#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/memory.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/table.h"
#include "rig/table_trial.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;
using load::now_ns;

constexpr auto kConnectLimit = 60s;
constexpr std::int64_t kSampleNs = 5'000'000'000;
// Until caches are filled, the backlog above all: what grows before says nothing.
constexpr double kWarmShare = 1.0 / 3;

struct Options {
  double minutes = 3;
  std::size_t subscribers = 1'000;
  int commits = 100;    // a second
  double churn = 0.05;  // of the subscribers, a minute
};

struct Sample {
  double minute = 0;
  double memory_mb = 0;
  std::size_t descriptors = 0;
  std::size_t threads = 0;
};

// Of the line through the samples (least squares), a minute.
double slope(const std::vector<Sample>& samples) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& sample : samples) {
    n += 1;
    x += sample.minute;
    y += sample.memory_mb;
    xx += sample.minute * sample.minute;
    xy += sample.minute * sample.memory_mb;
  }
  const double spread = n * xx - x * x;
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}

// What happens beside the receiving: clients are cut, and come back; samples are taken.
class Watch {
 public:
  Watch(const TableTrial& trial, load::Crowd& crowd, const Options& options)
      : trial_(trial), crowd_(crowd), options_(options) {}

  void look() {
    const auto now = now_ns();
    const double minutes = static_cast<double>(now - began_) / 60e9;
    const auto due =
        static_cast<std::uint64_t>(minutes * options_.churn * static_cast<double>(crowd_.size()));
    for (; dropped_ < due; ++dropped_) crowd_.drop(random_() % crowd_.size());
    crowd_.reconnect_all();
    if (now < next_sample_) return;
    next_sample_ = now + kSampleNs;
    samples_.push_back({minutes, static_cast<double>(tree_memory(trial_.pid())) / 1e6,
                        open_descriptors(trial_.pid()), threads(trial_.pid())});
    progress(fmt::format("soak: {:.1f} of {} minutes, {} live, {:.1f} MB, {} cut so far", minutes,
                         options_.minutes, crowd_.live(), samples_.back().memory_mb, dropped_));
  }

  [[nodiscard]] std::vector<Sample> after_warm_up() const {
    std::vector<Sample> late;
    for (const auto& sample : samples_) {
      if (sample.minute >= options_.minutes * kWarmShare) late.push_back(sample);
    }
    return late;
  }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  const TableTrial& trial_;
  load::Crowd& crowd_;
  const Options& options_;
  const std::int64_t began_ = now_ns();
  std::int64_t next_sample_ = 0;
  std::uint64_t dropped_ = 0;
  std::minstd_rand random_{1};
  std::vector<Sample> samples_;
};

int run(const Options& options) {
  pin_thread(Core::kLoad);
  BenchDatabase database;
  TableTrial trial(database);
  const auto session = database.connect();
  fill_backlog(*session);  // so that it is full from the beginning and not slowly filled
  load::Crowd crowd(trial.crowd(options.subscribers,
                                [](std::size_t) { return std::string("/v1/streams/orders"); }));
  crowd.connect(kConnectLimit);
  session->prepare("insert", "INSERT INTO public.orders (id, note) VALUES ($1, $2)");
  pqxx::nontransaction sql(*session);

  const auto changes = static_cast<std::uint64_t>(options.minutes * 60 * options.commits);
  crowd.begin(1, changes);
  Watch watch(trial, crowd, options);
  run_paced(
      crowd, changes, options.commits,
      [&](std::uint64_t step) {
        sql.exec_prepared("insert", step + 1, load::Stamp{step + 1, now_ns()}.text());
      },
      std::chrono::seconds(static_cast<int>(options.minutes * 60) + 30), [&] { watch.look(); });
  progress_end();

  const auto samples = watch.after_warm_up();
  const auto faults = crowd.faults();
  const auto latency = crowd.deliveries().latency();
  Table table({"", "first", "last", "a minute"});
  if (!samples.empty()) {
    table.add({"memory, MB", number(samples.front().memory_mb), number(samples.back().memory_mb),
               fmt::format("{:+.3f}", slope(samples))});
    table.add(
        {"descriptors", count(samples.front().descriptors), count(samples.back().descriptors), ""});
    table.add({"threads", count(samples.front().threads), count(samples.back().threads), ""});
  }
  fmt::print("### {} minutes, {} subscribers, {} commits/s, {:.0f} % cut a minute\n\n{}\n",
             options.minutes, count(options.subscribers), options.commits, 100 * options.churn,
             table.text());
  fmt::print(
      "{} deliveries, {} connections cut and resumed; gaps and duplicates: {}; resets {},"
      " refused {}, ended by the server {}; median {} ms, p99 {} ms.\n\n{}",
      count(crowd.deliveries().count()), count(watch.dropped()), text_of(faults, false),
      crowd.resets(), crowd.refused(), crowd.ended(), number(latency.median), number(latency.p99),
      machine(database.version()));
  return faults.none() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("Does anything grow, and does anybody miss anything, while clients come and go?",
               "soak");
  app.add_option("--minutes", options.minutes)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--subscribers", options.subscribers)
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--commits", options.commits, "a second")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--churn", options.churn, "share of the subscribers that is cut in a minute")
      ->check(CLI::Range(0.0, 60.0))
      ->capture_default_str();
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
