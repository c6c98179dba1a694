#include "core/revocations.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

using Time = std::chrono::system_clock::time_point;

Time at(int second) {
  return Time(std::chrono::seconds(second));
}

TEST_CASE("All that a revocation names must hold of a token", "[revocations]") {
  const Grant token{.token_id = "a", .tenant = "7", .issued_at = at(100)};
  CHECK(Revocation{.token_id = "a"}.covers(token));
  CHECK(Revocation{.tenant = "7"}.covers(token));
  CHECK(Revocation{.issued_before = at(101)}.covers(token));
  CHECK(Revocation{.tenant = "7", .issued_before = at(101)}.covers(token));
  CHECK_FALSE(Revocation{.token_id = "b"}.covers(token));
  CHECK_FALSE(Revocation{.tenant = "8"}.covers(token));
  CHECK_FALSE(Revocation{.issued_before = at(100)}.covers(token));
  CHECK_FALSE(Revocation{.token_id = "a", .tenant = "8"}.covers(token));
  CHECK_FALSE(Revocation{.tenant = "8", .issued_before = at(101)}.covers(token));
  CHECK_FALSE(Revocation{}.covers(token));
}

TEST_CASE("A token that does not say what is asked for", "[revocations]") {
  const Grant token{.subject = "nobody"};
  CHECK_FALSE(Revocation{.token_id = "a"}.covers(token));
  CHECK_FALSE(Revocation{.tenant = "7"}.covers(token));
  // When it was issued, nobody can tell: so it is void.
  CHECK(Revocation{.issued_before = at(1)}.covers(token));
}

TEST_CASE("Of all revocations one is enough", "[revocations]") {
  const Revocations all({{.token_id = "a"},
                         {.token_id = "b", .tenant = "8"},
                         {.tenant = "9", .issued_before = at(50)},
                         {.issued_before = at(10)}});
  CHECK(all.cover({.token_id = "a", .issued_at = at(100)}));
  CHECK(all.cover({.token_id = "b", .tenant = "8", .issued_at = at(100)}));
  CHECK(all.cover({.token_id = "c", .tenant = "9", .issued_at = at(49)}));
  CHECK(all.cover({.token_id = "c", .issued_at = at(9)}));
  CHECK_FALSE(all.cover({.token_id = "b", .issued_at = at(100)}));
  CHECK_FALSE(all.cover({.token_id = "c", .tenant = "9", .issued_at = at(50)}));
  CHECK_FALSE(Revocations().cover({.token_id = "a"}));
}

}  // namespace
}  // namespace ordercast
