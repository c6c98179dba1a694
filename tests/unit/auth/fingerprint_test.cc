// Whose stream it is, in 16 characters: the same for one person's tokens, another for whoever sees
// anything else.
#include "auth/fingerprint.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

namespace ordercast::auth {
namespace {

TEST_CASE("Tokens of one person that show the same have one fingerprint, whatever their end") {
  const Grant one{.subject = "ann", .token_id = "1", .tenant = "7", .write = true};
  const Grant two{.subject = "ann",
                  .token_id = "2",
                  .tenant = "7",
                  .issued_at = std::chrono::system_clock::time_point(std::chrono::seconds(5)),
                  .expires_at = std::chrono::system_clock::time_point(std::chrono::seconds(9))};
  CHECK(fingerprint_of(one) == fingerprint_of(two));
  CHECK(fingerprint_of(one).size() == 16);
}

TEST_CASE("Whoever is another person, or sees anything else, has another fingerprint") {
  const std::vector<Grant> grants = {
      {},
      {.subject = "ann"},
      {.subject = "bob"},
      {.tenant = ""},
      {.tenant = "ann"},
      {.tenant = "7"},
      {.streams = std::vector<std::string>{}},
      {.streams = std::vector<std::string>{"a", "b"}},
      {.streams = std::vector<std::string>{"ab"}},
      {.streams = std::vector<std::string>{"a,b"}},
      {.filter = "a"},
      {.columns = {"a", "b"}},
      {.columns = {"a1:b"}},
  };
  std::set<std::string> seen;
  for (const auto& grant : grants) seen.insert(fingerprint_of(grant));
  CHECK(seen.size() == grants.size());
}

}  // namespace
}  // namespace ordercast::auth
