// Growth: what a change costs with more distinct views, with wider rows, and how fast a long
// history is replayed. `./dev bench growth`; bench/README.md says what the figures mean.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "load/stamp.h"
#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/table.h"
#include "rig/table_trial.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;
using load::now_ns;
using load::Stamp;

constexpr auto kConnectLimit = 120s;

struct Options {
  std::size_t subscribers = 10'000;
  std::vector<std::size_t> views{1, 10, 100, 1'000, 10'000};
  std::vector<std::size_t> fields{1, 10, 100};
  std::uint64_t changes = 1'000'000;
  std::vector<std::size_t> replay_clients{1, 100};
};

double seconds_since(std::int64_t ns) {
  return static_cast<double>(now_ns() - ns) / 1e9;
}

// The subscribers are dealt out evenly to V views, each a merchant's; each change is one
// merchant's.
class Views {
 public:
  Views(BenchDatabase& database, const Options& options)
      : database_(database), options_(options), session_(database.connect()) {
    pqxx::nontransaction(*session_).exec(
        "CREATE TABLE public.by_merchant (id bigserial PRIMARY KEY, merchant_id int NOT NULL,"
        "  status text NOT NULL DEFAULT 'paid', total numeric(12,2) NOT NULL DEFAULT 102.40,"
        "  note text NOT NULL);"
        "SELECT ordercast.watch('public.by_merchant')");
    session_->prepare("insert",
                      "INSERT INTO public.by_merchant (merchant_id, note)"
                      " SELECT merchant, $3 FROM generate_series($1::int, $2::int) merchant");
  }

  void measure() {
    for (const auto views : options_.views) {
      progress(fmt::format("growth: {} views", views));
      measure(views);
    }
  }

  [[nodiscard]] std::string text() const {
    return fmt::format("### {} subscribers on more and more distinct views\n\n{}\n",
                       count(options_.subscribers), table_.text());
  }

 private:
  // Rows of consecutive merchants in one commit.
  static constexpr std::size_t kRowsOfCommit = 10;
  // A second is asked for 1,000 changes, where these are not more than 50,000 deliveries.
  static constexpr double kMostDeliveries = 50'000;
  static constexpr double kMostChanges = 1'000;

  // Event `seq` of `rows` merchants from `first` on.
  void insert(std::size_t first, std::size_t rows, std::uint64_t seq) {
    pqxx::nontransaction(*session_).exec_prepared(
        "insert", first, first + rows - 1, Stamp{seq, now_ns()}.text() + " at the back door");
  }

  void warm_up(load::Crowd& crowd, std::size_t views) {
    constexpr std::size_t kNobodys = 1'000'000'000;
    crowd.begin(1, 1);
    insert(kNobodys, 1, 1);
    for (std::size_t at = 0; at < views; at += kRowsOfCommit) {
      insert(at, std::min(kRowsOfCommit, views - at), 1);
    }
    if (!crowd.run(kConnectLimit)) throw load::LoadError("events do not reach all subscribers");
    crowd.run_until([] { return false; }, 1s);
    if (!crowd.faults().none()) {
      throw load::LoadError("?merchant_id=eq.N lets rows of other merchants through");
    }
  }

  void measure(std::size_t views) {
    TableTrial trial(database_);
    load::Crowd crowd(trial.crowd(options_.subscribers, [views](std::size_t index) {
      return fmt::format("/v1/streams/by_merchant?merchant_id=eq.{}", index % views);
    }));
    crowd.connect(kConnectLimit);
    warm_up(crowd, views);

    const auto subscribers_of_view = static_cast<double>(options_.subscribers) / views;
    const auto rows = std::min(kRowsOfCommit, views);
    const auto commits_of_seq = (views + rows - 1) / rows;
    const double per_second = std::min(kMostChanges, kMostDeliveries / subscribers_of_view);
    // At least 5 s, and each merchant as often as the others.
    const auto seqs =
        static_cast<std::uint64_t>(std::max(1.0, 5 * per_second / static_cast<double>(views)));
    const auto idle = trial.idle_cost(crowd);
    crowd.begin(2, 1 + seqs);
    const auto before = trial.costs();
    const auto began = now_ns();
    run_paced(
        crowd, seqs * commits_of_seq, per_second / static_cast<double>(rows),
        [&](std::uint64_t step) {
          const auto at = step % commits_of_seq * rows;
          insert(at, std::min(rows, views - at), 2 + step / commits_of_seq);
        },
        120s);
    const auto took = seconds_since(began);
    const auto used = trial.costs() - before - idle * took;
    const auto changes = static_cast<double>(seqs * views);
    const auto latency = crowd.deliveries().latency();
    table_.add({count(views), number(changes / took), number(subscribers_of_view),
                number(used.server / 1e3 / changes),
                number(used.server / 1e3 / changes / subscribers_of_view),
                number(used.server / 1e9 / took * 100), number(latency.median), number(latency.p99),
                text_of(crowd.faults(), false)});
  }

  BenchDatabase& database_;
  const Options& options_;
  std::unique_ptr<pqxx::connection> session_;
  Table table_{{"views", "changes/s", "deliveries/change", "CPU µs/change", "CPU µs/delivery",
                "% of a core", "median ms", "p99 ms", "lost"}};
};

// One row of many columns, changed again and again in one of them.
class Fields {
 public:
  Fields(BenchDatabase& database, const Options& options)
      : database_(database), options_(options) {}

  void measure() {
    for (const auto fields : options_.fields) {
      progress(fmt::format("growth: {} fields", fields));
      measure(fields);
    }
  }

  [[nodiscard]] std::string text() const {
    return fmt::format("### A row of more and more fields, {} changes/s, {} subscribers\n\n{}\n",
                       kPerSecond, kSubscribers, table_.text());
  }

 private:
  static constexpr std::size_t kSubscribers = 100;
  static constexpr int kPerSecond = 50;
  static constexpr std::uint64_t kChanges = 500;

  void measure(std::size_t fields) {
    const auto name = fmt::format("fields_{}", fields);
    const auto session = database_.connect();
    std::string columns;
    for (std::size_t i = 0; i < fields; ++i) {
      columns += fmt::format(", field_{} text NOT NULL DEFAULT 'value of {}'", i, i);
    }
    pqxx::nontransaction sql(*session);
    sql.exec(
        fmt::format("CREATE TABLE public.{0} (id bigint PRIMARY KEY, note text{1});"
                    "SELECT ordercast.watch('public.{0}');"
                    "INSERT INTO public.{0} VALUES (1)",
                    name, columns));
    session->prepare("update", fmt::format("UPDATE public.{} SET note = $1 WHERE id = 1", name));

    TableTrial trial(database_);
    load::Crowd crowd(trial.crowd(
        kSubscribers, [&](std::size_t) { return fmt::format("/v1/streams/{}", name); }));
    crowd.connect(kConnectLimit);
    const auto idle = trial.idle_cost(crowd);
    crowd.begin(1, kChanges);
    const auto bytes = crowd.bytes();
    const auto before = trial.costs();
    const auto began = now_ns();
    run_paced(
        crowd, kChanges, kPerSecond,
        [&](std::uint64_t step) {
          sql.exec_prepared("update", Stamp{step + 1, now_ns()}.text());
        },
        120s);
    const auto used = trial.costs() - before - idle * seconds_since(began);
    const auto latency = crowd.deliveries().latency();
    table_.add({count(fields), count((crowd.bytes() - bytes) / (kChanges * kSubscribers)),
                number(used.server / 1e3 / kChanges), number(used.database / 1e3 / kChanges),
                number(latency.median), number(latency.p99), text_of(crowd.faults(), false)});
  }

  BenchDatabase& database_;
  const Options& options_;
  Table table_{
      {"fields", "bytes/event", "CPU µs/change", "DB µs/change", "median ms", "p99 ms", "lost"}};
};

// A history that is long, read from its beginning by clients that come all at once.
class Replay {
 public:
  Replay(BenchDatabase& database, const Options& options) : database_(database), options_(options) {
    constexpr std::uint64_t kRowsOfCommit = 1'000;
    const auto session = database.connect();
    pqxx::nontransaction sql(*session);
    sql.exec(
        "CREATE TABLE public.replayed (LIKE public.orders INCLUDING ALL);"
        "SELECT ordercast.watch('public.replayed')");
    session->prepare("insert",
                     "INSERT INTO public.replayed (id, note) SELECT id, '~stamp:' || id ||"
                     " ':1~ leave it at the back door' FROM generate_series($1::int, $2::int) id");
    for (std::uint64_t first = 1; first <= options.changes; first += kRowsOfCommit) {
      sql.exec_prepared("insert", first, std::min(first + kRowsOfCommit - 1, options.changes));
      if (first % 100'000 == 1) progress(fmt::format("growth: {} changes written", first - 1));
    }
  }

  void measure() {
    for (const auto clients : options_.replay_clients) measure(clients);
  }

  [[nodiscard]] std::string text() const {
    return fmt::format("### A replay of {} changes, from last_event_id=earliest\n\n{}\n",
                       count(options_.changes), table_.text());
  }

 private:
  void measure(std::size_t clients) {
    TableTrial trial(database_);
    load::Crowd crowd(trial.crowd(clients, [](std::size_t) {
      return std::string("/v1/streams/replayed?last_event_id=earliest");
    }));
    crowd.begin(1, options_.changes);
    const auto before = trial.costs();
    const auto began = now_ns();
    crowd.connect(kConnectLimit);
    const bool complete = crowd.run(1h, [&] {
      progress(fmt::format("growth: replay to {}, {} % done", clients,
                           100 * crowd.deliveries().count() / (options_.changes * clients)));
    });
    const auto took = seconds_since(began);
    const auto used = trial.costs() - before;
    const auto deliveries = static_cast<double>(crowd.deliveries().count());
    table_.add({count(clients), number(took), number(static_cast<double>(options_.changes) / took),
                number(deliveries / took), number(used.server / 1e3 / deliveries),
                number(used.database / 1e3 / deliveries), text_of(crowd.faults(), !complete)});
  }

  BenchDatabase& database_;
  const Options& options_;
  Table table_{{"clients", "seconds", "changes/s to each", "changes/s in all", "CPU µs/delivery",
                "DB µs/delivery", "lost"}};
};

int run(const Options& options) {
  pin_thread(Core::kLoad);
  BenchDatabase database;
  std::string text;
  if (!options.views.empty()) {
    Views views(database, options);
    try {
      views.measure();
      text += views.text();
    } catch (const load::LoadError& error) {
      text += fmt::format("Distinct views were not measured: {}\n\n", error.what());
    }
  }
  Fields fields(database, options);
  fields.measure();
  text += fields.text();
  if (options.changes > 0) {
    Replay replay(database, options);
    replay.measure();
    text += replay.text();
  }
  progress_end();
  fmt::print("{}{}", text, machine(database.version()));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("What a change costs with more views and wider rows; how fast history is replayed",
               "growth");
  app.add_option("--subscribers", options.subscribers, "that share the views")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--views", options.views)->delimiter(',')->capture_default_str();
  app.add_option("--fields", options.fields)->delimiter(',')->capture_default_str();
  app.add_option("--changes", options.changes, "that are replayed; 0 leaves it out")
      ->capture_default_str();
  app.add_option("--replay-clients", options.replay_clients)->delimiter(',')->capture_default_str();
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
