// From the INSERT to the client, end to end: how old an event is when a subscriber has it, and how
// much of that is after the commit.
// `./dev bench latency`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rig/bench_database.h"
#include "rig/machine.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/systems.h"
#include "rig/table.h"
#include "rig/trial.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kCommitsPerSecond = 1'000;

struct Options {
  int rounds = 3;
  int seconds = 15;
  std::string only;  // settings whose name holds this
};

// What else commits meanwhile.
enum class Load { kIdle, kElsewhere, kSameStream };

std::string_view name_of(Load load) {
  switch (load) {
    case Load::kIdle:
      return "idle";
    case Load::kElsewhere:
      return "1,000 commits/s on another table";
    case Load::kSameStream:
      return "1,000 commits/s on the stream";
  }
  return "";
}

struct Setting {
  std::size_t subscribers;
  Load load;
};

std::string name_of(const Setting& setting) {
  return fmt::format("{}, {}", count(setting.subscribers), name_of(setting.load));
}

// A million deliveries a second are no question of latency: not with 1,000 subscribers.
constexpr Setting kSettings[] = {{1, Load::kIdle},
                                 {1, Load::kElsewhere},
                                 {1, Load::kSameStream},
                                 {1'000, Load::kIdle},
                                 {1'000, Load::kElsewhere}};

// Commits rows without a stamp, 1,000 a second, until it goes.
class BackgroundLoad {
 public:
  BackgroundLoad(const BenchDatabase& database, const std::string& table)
      : session_(database.connect()), thread_([this, table] { run(table); }) {}
  ~BackgroundLoad() {
    stop_ = true;
    thread_.join();
  }
  BackgroundLoad(const BackgroundLoad&) = delete;
  BackgroundLoad& operator=(const BackgroundLoad&) = delete;

  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void run(const std::string& table) {
    constexpr auto kPause = std::chrono::microseconds(1s) / kCommitsPerSecond;
    session_->prepare("load",
                      fmt::format("INSERT INTO public.{} (id, note) VALUES ($1, 'load')", table));
    pqxx::nontransaction sql(*session_);
    auto due = Clock::now();
    // Numbers that no other writer gives, nor an earlier load.
    for (auto id = load::now_ns(); !stop_; ++id, due += kPause) {
      std::this_thread::sleep_until(due);
      sql.exec_prepared0("load", id);
      ++commits_;
    }
  }

  std::unique_ptr<pqxx::connection> session_;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Milliseconds.
struct Figures {
  double p50 = 0;  // from before the INSERT
  double p99 = 0;
  double insert_p50 = 0;  // until the writer knows of the commit
  // From then on, until the first subscriber has it. That can be before: then it counts as 0.
  double after_p50 = 0;
  double after_p99 = 0;
  double commits = 0;  // of the load, a second
  load::Faults faults;
};

// When a writer sent its INSERT, and when it knew that it was committed.
struct Write {
  std::int64_t sent_ns = 0;
  std::int64_t committed_ns = 0;
};

// The writer: one INSERT, committed by itself, every 10 to 50 ms, so that it falls into step with
// nothing.
std::vector<Write> write_events(System& system, const Trial::Window& window) {
  std::vector<Write> writes;
  std::minstd_rand random(1);
  std::uniform_int_distribution<int> pause_ms(10, 50);
  for (auto seq = window.first; seq <= window.last; ++seq) {
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(random)));
    const auto sent = load::now_ns();
    system.publish(seq);
    writes.push_back({sent, load::now_ns()});
  }
  return writes;
}

Figures figures_of(const load::Deliveries& deliveries, const Trial::Window& window,
                   const std::vector<Write>& writes) {
  const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
  load::Histogram inserts, after;
  for (auto seq = window.first; seq <= window.last; ++seq) {
    const auto& write = writes.at(seq - window.first);
    inserts.add(write.committed_ns - write.sent_ns);
    if (const auto received = deliveries.first_received_ns(seq)) {
      after.add(*received - write.committed_ns);
    }
  }
  const auto latency = deliveries.latency();
  return {.p50 = latency.median,
          .p99 = latency.p99,
          .insert_p50 = ms(inserts.quantile(0.5)),
          .after_p50 = ms(after.quantile(0.5)),
          .after_p99 = ms(after.quantile(0.99)),
          .commits = 0,
          .faults = {}};
}

Figures measure(const SystemKind& kind, BenchDatabase& database, const Setting& setting,
                const Options& options) {
  constexpr auto kMeanPause = 30ms;
  Trial trial(kind.start(database), setting.subscribers);
  std::optional<BackgroundLoad> background;
  if (setting.load != Load::kIdle) {
    const bool watched = kind.name == "ordercast";
    background.emplace(database, setting.load == Load::kSameStream
                                     ? (watched ? "orders" : "notified")
                                     : (watched ? "other_orders" : "other_notified"));
  }
  const auto window = trial.next(static_cast<std::uint64_t>(options.seconds * 1s / kMeanPause));
  const auto began = load::now_ns();
  std::vector<Write> writes;
  trial.run(
      window, [&] { writes = write_events(trial.system(), window); },
      std::chrono::seconds(10 * options.seconds));
  const auto took = static_cast<double>(load::now_ns() - began) / 1e9;
  auto figures = figures_of(trial.crowd().deliveries(), window, writes);
  figures.commits = background ? static_cast<double>(background->commits()) / took : 0;
  figures.faults = trial.crowd().faults();
  return figures;
}

Figures medians(const std::vector<Figures>& rounds) {
  Figures all;
  for (const auto field : {&Figures::p50, &Figures::p99, &Figures::insert_p50, &Figures::after_p50,
                           &Figures::after_p99, &Figures::commits}) {
    std::vector<double> values;
    for (const auto& round : rounds) values.push_back(round.*field);
    all.*field = median(values);
  }
  for (const auto& round : rounds) all.faults += round.faults;
  return all;
}

int run(const Options& options) {
  BenchDatabase database;
  const auto& ordercast = system_kind("ordercast");
  const auto& node = system_kind("node-pg");
  Table table({"subscribers, load", "system", "p50 ms", "to Node + pg", "p99 ms", "to Node + pg",
               "INSERT ms", "after it p50 ms", "to Node + pg", "p99 ms", "load commits/s", "lost"},
              2);
  for (const auto& setting : kSettings) {
    if (name_of(setting).find(options.only) == std::string::npos) continue;
    std::vector<Figures> ours, theirs;
    for (int round = 1; round <= options.rounds; ++round) {
      progress(fmt::format("latency: {}, round {} of {}", name_of(setting), round, options.rounds));
      ours.push_back(measure(ordercast, database, setting, options));
      theirs.push_back(measure(node, database, setting, options));
    }
    const auto reference = medians(theirs);
    for (const auto& [kind, figures] : {std::pair(&ordercast, medians(ours)), {&node, reference}}) {
      table.add({name_of(setting), std::string(kind->title), number(figures.p50),
                 ratio(figures.p50, reference.p50), number(figures.p99),
                 ratio(figures.p99, reference.p99), number(figures.insert_p50),
                 number(figures.after_p50), ratio(figures.after_p50, reference.after_p50),
                 number(figures.after_p99), number(figures.commits),
                 text_of(figures.faults, false)});
    }
  }
  progress_end();
  fmt::print("### From before the INSERT to the client; medians of {} rounds\n\n{}\n{}",
             options.rounds, table.text(), machine(database.version()));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("How old a change is when a subscriber has it, against a Node server that LISTENs",
               "latency");
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--seconds", options.seconds, "of each round; about 33 changes in each")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  app.add_option("--only", options.only, "settings whose name holds this, as \"1, idle\"");
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
