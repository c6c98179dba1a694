#include "faults/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <thread>

#include "faults/crowd.h"
#include "faults/fault_schedule.h"
#include "faults/fleet.h"
#include "faults/saboteur.h"
#include "support/eventually.h"
#include "support/orders_table.h"
#include "support/random_writers.h"
#include "support/told.h"

namespace ordercast::faults {
namespace {

using testing::EventClient;
using testing::eventually;
using Clock = std::chrono::steady_clock;

// After the last fault: ample for the recovery of all, and for what the clients have to catch up
// with.
constexpr auto kCalm = 3 * testing::kPatience;
// Leaves some of two cores to the servers and the clients.
constexpr std::chrono::milliseconds kWriterPause{20};
constexpr std::size_t kExamples = 10;

class Trial {
 public:
  explicit Trial(const TrialOptions& options)
      : options_(options),
        fleet_(orders_.database(), options.nodes),
        crowd_(fleet_, {.clients = options.clients, .seed = options.seed}),
        saboteur_(orders_, fleet_, crowd_),
        schedule_(options.seed) {
    report_.seed = options.seed;
  }

  Report run() {
    const auto begin = Clock::now();
    testing::RandomWriters writers(orders_.database().url(),
                                   {.writers = options_.writers,
                                    .transactions = testing::RandomWritersOptions::kUntilStopped,
                                    .seed = options_.seed,
                                    .pause = kWriterPause,
                                    .survive = true});
    crowd_.start();
    while (Clock::now() - begin < options_.time) suffer(schedule_.next(), begin);
    writers.stop();
    writers.join();
    report_.transactions = writers.committed();
    report_.failed = writers.failed();
    come_to_rest();
    report_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    judge();
    return std::move(report_);
  }

 private:
  void suffer(const Fault& fault, Clock::time_point begin) {
    std::this_thread::sleep_for(fault.pause);
    const bool struck = saboteur_.strike(fault);
    if (struck) ++report_.faults[std::string(name_of(fault.kind))];
    if (options_.quiet) return;
    fmt::print("{:7.1f} s  {}{}, {} events on {} connections so far\n",
               std::chrono::duration<double>(Clock::now() - begin).count(), name_of(fault.kind),
               struck ? "" : " (nothing to strike)", crowd_.events(), crowd_.connections());
    std::fflush(stdout);
  }

  // Nothing fails any more; a last change is made, and every client is given the time to get there.
  // PostgreSQL may still be recovering: so the change is made again where it failed.
  void come_to_rest() {
    const bool recovered = eventually(
        [&] {
          try {
            orders_.exec("INSERT INTO public.orders (id) VALUES (-1) ON CONFLICT DO NOTHING");
            return fleet_.ready();
          } catch (const std::exception&) {
            return false;
          }
        },
        kCalm);
    if (!recovered) report_.examples.push_back("the servers did not become ready again");
    crowd_.finish(orders_.last_seq(), kCalm);
  }

  void judge() {
    const testing::Committed all(orders_);
    const testing::Committed view(orders_, kWhere);
    report_.changes = static_cast<std::int64_t>(all.seqs.size());
    report_.events = crowd_.events();
    report_.connections = crowd_.connections();
    for (std::size_t i = 0; i < crowd_.clients().size(); ++i) {
      const auto& client = crowd_.clients()[i];
      const auto& [seqs, rows] = Crowd::filtered(i) ? view : all;
      report_.lost += missing(seqs, client->seqs());
      report_.foreign += missing(client->seqs(), seqs);
      report_.duplicated += client->duplicated();
      report_.reordered += client->reordered();
      report_.contradictions += client->contradictions();
      report_.resets += client->count("reset");
      report_.other_tables += client->rows() != rows;
      for (const auto& fault : client->faults()) {
        if (report_.examples.size() < kExamples) report_.examples.push_back(fault);
      }
    }
  }

  // How many of `all` are not among `some`.
  static std::int64_t missing(const std::set<std::int64_t>& all,
                              const std::set<std::int64_t>& some) {
    std::vector<std::int64_t> difference;
    std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                        std::back_inserter(difference));
    return static_cast<std::int64_t>(difference.size());
  }

  const TrialOptions options_;
  testing::OrdersTable orders_;
  Fleet fleet_;
  Crowd crowd_;
  Saboteur saboteur_;
  FaultSchedule schedule_;
  Report report_;
};

}  // namespace

Report run_trial(const TrialOptions& options) {
  return Trial(options).run();
}

}  // namespace ordercast::faults
