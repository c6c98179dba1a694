#include "faults/saboteur.h"

#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "support/eventually.h"

namespace ordercast::faults {
namespace {

using testing::eventually;
using testing::test_cluster;
using Stop = pg::LocalCluster::Stop;

constexpr int kBigTransaction = 10'000;
// Out of the way of the writers' rows, which are positive.
constexpr int kFirstRow = -10;

// The length of a fault is part of the fault: nothing is waited for here.
void last(std::chrono::milliseconds length) {
  std::this_thread::sleep_for(length);
}

}  // namespace

bool Saboteur::strike(const Fault& fault) {
  const std::size_t node = fault.target % fleet_.size();
  switch (fault.kind) {
    case FaultKind::kKillNode:
    case FaultKind::kEndNode:
      (void)fleet_.end(node, fault.kind == FaultKind::kKillNode ? SIGKILL : SIGTERM);
      last(fault.length);
      fleet_.start(node);
      return true;
    case FaultKind::kFreezeNode:
      fleet_.signal(node, SIGSTOP);
      last(fault.length);
      fleet_.signal(node, SIGCONT);
      return true;
    case FaultKind::kTerminateSessions:
      return terminate("application_name LIKE 'ordercast%'");
    case FaultKind::kTerminateWriters:
      return terminate("application_name = 'writer'");
    case FaultKind::kKillBackend:
      return kill_backend(fault.target);
    case FaultKind::kKillPostmaster:
      restart_database(Stop::kKill, fault.length);
      return true;
    case FaultKind::kRestartDatabase:
      restart_database(Stop::kFast, fault.length);
      return true;
    case FaultKind::kCutClients:
      crowd_.cut_all();
      return true;
    case FaultKind::kLongTransaction:
      return commit_after(fault.length);
    case FaultKind::kBigTransaction:
      return commit_many();
  }
  return false;
}

void Saboteur::restart_database(Stop how, std::chrono::milliseconds length) {
  test_cluster().stop(how);
  last(length);
  test_cluster().start();
}

bool Saboteur::terminate(const std::string& condition) {
  try {
    return !orders_
                .exec(fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                  "datname = current_database() AND {}",
                                  condition))
                .empty();
  } catch (const pqxx::failure&) {
    return false;
  }
}

bool Saboteur::kill_backend(std::uint32_t target) {
  pid_t pid = 0;
  try {
    const auto pids = orders_.exec(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
        "backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid");
    if (pids.empty()) return false;
    pid = pids[static_cast<int>(target % pids.size())][0].as<pid_t>();
  } catch (const pqxx::failure&) {
    return false;
  }
  if (::kill(pid, SIGKILL) != 0) return false;
  // PostgreSQL answers until it knows, and has the process in its list as long.
  const auto known = [&] {
    try {
      return orders_.exec(fmt::format("SELECT FROM pg_stat_activity WHERE pid = {}", pid)).empty();
    } catch (const pqxx::failure&) {
      return true;
    }
  };
  return eventually(known);
}

bool Saboteur::commit_after(std::chrono::milliseconds length) {
  try {
    const auto session = orders_.session();
    pqxx::work work(*session);
    const int id = kFirstRow - ++rows_made_;
    work.exec(fmt::format("INSERT INTO public.orders (id) VALUES ({})", id));
    last(length);
    work.exec(fmt::format("UPDATE public.orders SET status = 'late' WHERE id = {}", id));
    work.commit();
    return true;
  } catch (const pqxx::failure&) {
    return false;
  }
}

bool Saboteur::commit_many() {
  try {
    const int first = kFirstRow - rows_made_ - kBigTransaction;
    rows_made_ += kBigTransaction;
    orders_.exec(fmt::format(
        "INSERT INTO public.orders (id) SELECT generate_series({}, {});"
        "DELETE FROM public.orders WHERE id BETWEEN {} AND {}",
        first, first + kBigTransaction / 2 - 1, first, first + kBigTransaction / 2 - 1));
    return true;
  } catch (const pqxx::failure&) {
    return false;
  }
}

}  // namespace ordercast::faults
