#include "rig/table_trial.h"

#include <fmt/format.h>

#include <exception>
#include <thread>

#include "rig/cpu_clock.h"
#include "rig/systems.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdleTime = 2s;

}  // namespace

TableTrial::TableTrial(BenchDatabase& database)
    : database_(database), server_(ordercast_command(database)) {}

load::CrowdOptions TableTrial::crowd(std::size_t connections,
                                     std::function<std::string(std::size_t)> target_of) const {
  load::CrowdOptions options;
  options.port = server_.port();
  options.connections = connections;
  options.target_of = std::move(target_of);
  return options;
}

Costs TableTrial::costs() const {
  return {static_cast<double>(cpu_ns(server_.pid())),
          static_cast<double>(tree_cpu_ns(database_.postmaster()))};
}

Costs TableTrial::idle_cost(load::Crowd& crowd) const {
  const Costs before = costs();
  crowd.run_until([] { return false; }, kIdleTime);
  return (costs() - before) * (1.0 / std::chrono::duration<double>(kIdleTime).count());
}

void fill_backlog(pqxx::connection& session) {
  constexpr int kMegabytes = 40;
  pqxx::nontransaction sql(session);
  for (int i = 0; i < kMegabytes; ++i) {
    sql.exec(
        fmt::format("INSERT INTO public.orders (id, note) SELECT -id, repeat('x', 1000)"
                    " FROM generate_series({}, {}) id",
                    i * 1000 + 1, (i + 1) * 1000));
  }
}

void run_paced(load::Crowd& crowd, std::uint64_t steps, double per_second,
               const std::function<void(std::uint64_t)>& step, std::chrono::seconds limit,
               const std::function<void()>& idle) {
  const auto pause = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / per_second));
  std::exception_ptr error;
  std::thread publisher([&] {
    try {
      auto due = std::chrono::steady_clock::now();
      for (std::uint64_t i = 0; i < steps; ++i, due += pause) {
        std::this_thread::sleep_until(due);
        step(i);
      }
    } catch (...) {
      error = std::current_exception();
    }
  });
  crowd.run(limit, idle);
  publisher.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace ordercast::bench
