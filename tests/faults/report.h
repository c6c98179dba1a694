// What a run has shown. Value type.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ordercast::faults {

struct Report {
  std::uint64_t seed = 0;
  double seconds = 0;
  std::int64_t transactions = 0;  // that the writers saw committed
  std::int64_t failed = 0;        // that a fault took from them
  std::int64_t changes = 0;       // committed, by the database's own record
  std::int64_t events = 0;        // taken by all clients
  std::int64_t connections = 0;   // made by all clients
  std::map<std::string, int> faults;

  // Over all clients; each must be 0.
  std::int64_t lost = 0;              // committed changes that a client was not told
  std::int64_t foreign = 0;           // changes that never committed
  std::int64_t duplicated = 0;        // told twice
  std::int64_t reordered = 0;         // of one row, told in another order than they were made
  std::int64_t contradictions = 0;    // the row a change begins with is not the one the client held
  std::int64_t resets = 0;            // though no history was lost
  std::int64_t other_tables = 0;      // clients whose rows are not the table's in the end
  std::vector<std::string> examples;  // of what was wrong, some

  [[nodiscard]] bool good() const {
    return lost + foreign + duplicated + reordered + contradictions + resets + other_tables == 0;
  }
  [[nodiscard]] int fault_count() const;
  // In some lines, for people.
  [[nodiscard]] std::string text() const;
};

}  // namespace ordercast::faults
