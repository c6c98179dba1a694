// Makes faults happen. Confined to the thread that started the database server and the fleet.
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>

#include "faults/crowd.h"
#include "faults/fault_schedule.h"
#include "faults/fleet.h"
#include "support/orders_table.h"

namespace ordercast::faults {

class Saboteur {
 public:
  // All outlive it.
  Saboteur(testing::OrdersTable& orders, Fleet& fleet, Crowd& crowd)
      : orders_(orders), fleet_(fleet), crowd_(crowd) {}

  // Returns when the fault is over; what it left behind may still be recovering. False when there
  // was nothing to strike: the database had not yet recovered from the fault before.
  bool strike(const Fault& fault);

 private:
  void restart_database(pg::LocalCluster::Stop how, std::chrono::milliseconds length);
  // Ends the sessions for which the condition on pg_stat_activity holds.
  [[nodiscard]] bool terminate(const std::string& condition);
  [[nodiscard]] bool kill_backend(std::uint32_t target);
  [[nodiscard]] bool commit_after(std::chrono::milliseconds length);
  [[nodiscard]] bool commit_many();

  testing::OrdersTable& orders_;
  Fleet& fleet_;
  Crowd& crowd_;
  int rows_made_ = 0;
};

}  // namespace ordercast::faults
