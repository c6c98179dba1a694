#include "faults/report.h"

#include <fmt/format.h>

namespace ordercast::faults {

int Report::fault_count() const {
  int count = 0;
  for (const auto& [name, times] : faults) count += times;
  return count;
}

std::string Report::text() const {
  std::string text = fmt::format(
      "seed {}: {:.0f} s, {} transactions committed, {} failed, {} changes\n"
      "clients: {} events on {} connections\n"
      "faults: {}\n",
      seed, seconds, transactions, failed, changes, events, connections, fault_count());
  for (const auto& [name, times] : faults) text += fmt::format("  {:4} x {}\n", times, name);
  text += fmt::format(
      "lost {}, duplicated {}, reordered {}, never committed {}, contradictions {}, resets {}, "
      "clients whose rows differ from the table {}\n",
      lost, duplicated, reordered, foreign, contradictions, resets, other_tables);
  for (const auto& example : examples) text += "  " + example + '\n';
  return text;
}

}  // namespace ordercast::faults
