// Nothing lost, nothing twice, nothing torn, without a database: see support/exactness_model.h.
//   ORDERCAST_SEED=n runs one history and prints every step; ORDERCAST_SEEDS=n runs that many of
//   them.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/exactness_model.h"

namespace ordercast {
namespace {

using testing::ExactnessModel;
using testing::Violation;

// Seconds in a debug build.
constexpr std::uint64_t kSeeds = 1500;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_CASE("Every change comes once, in its row's order, whatever is cut off", "[exactness]") {
  const auto one = number_from_environment("ORDERCAST_SEED", 0);
  const auto first = one == 0 ? 1 : one;
  const auto last = one == 0 ? number_from_environment("ORDERCAST_SEEDS", kSeeds) : one;

  ExactnessModel::Coverage total;
  for (auto seed = first; seed <= last; ++seed) {
    ExactnessModel model(seed, one != 0);
    try {
      model.run();
    } catch (const Violation& violation) {
      FAIL("ORDERCAST_SEED=" << seed << ": " << violation.what());
    }
    total += model.coverage();
  }
  if (one != 0) return;

  // The cases that are hard to get right do come up.
  const auto runs = last - first + 1;
  CHECK(total.events > 10 * runs);
  CHECK(total.resumes > 5 * runs);
  CHECK(total.resumes_inside_batch > runs);
  CHECK(total.resumes_ahead_of_node > runs / 10);
  CHECK(total.lower_seq_committed_last > runs / 2);
  CHECK(total.crashes > runs / 10);
  CHECK(total.begun_earliest > runs / 10);
  CHECK(total.resets > runs / 50);
}

}  // namespace
}  // namespace ordercast
