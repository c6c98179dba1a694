#include "core/whose.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

using Owner = std::optional<std::string>;

Change owned(Owner old_tenant, Owner new_tenant) {
  Change change;
  change.old_tenant = std::move(old_tenant);
  change.new_tenant = std::move(new_tenant);
  return change;
}

Whose of(EventKind kind, const Change& change) {
  auto whose = Whose::everybody();
  whose.add(kind, change);
  return whose;
}

TEST_CASE("What shows no row may go to all", "[whose]") {
  CHECK(Whose::everybody().may_go_to("4"));
  CHECK(of(EventKind::kReset, owned("5", "5")).may_go_to("4"));
  CHECK(of(EventKind::kMessage, owned({}, {})).may_go_to("4"));
}

TEST_CASE("Each row that an event shows must be the tenant's, by the log's columns", "[whose]") {
  CHECK(of(EventKind::kInsert, owned("5", "4")).may_go_to("4"));
  CHECK_FALSE(of(EventKind::kInsert, owned("4", "5")).may_go_to("4"));
  CHECK(of(EventKind::kDelete, owned("4", "5")).may_go_to("4"));
  CHECK_FALSE(of(EventKind::kDelete, owned("5", "4")).may_go_to("4"));
  CHECK(of(EventKind::kUpdate, owned("4", "4")).may_go_to("4"));
  CHECK_FALSE(of(EventKind::kUpdate, owned("5", "4")).may_go_to("4"));
  CHECK_FALSE(of(EventKind::kUpdate, owned("4", "5")).may_go_to("4"));
  CHECK(of(EventKind::kMessage, owned({}, "4")).may_go_to("4"));
  CHECK_FALSE(of(EventKind::kMessage, owned({}, "5")).may_go_to("4"));
}

TEST_CASE("A row of nobody, or of nobody that the log knows, goes to those who may see all",
          "[whose]") {
  const auto nobody = of(EventKind::kInsert, owned("4", {}));
  CHECK_FALSE(nobody.may_go_to("4"));
  CHECK_FALSE(nobody.may_go_to(""));
  CHECK(nobody.may_go_to(std::nullopt));
}

TEST_CASE("Several frames are of all whose rows are in them, in any order", "[whose]") {
  const auto joined = [](std::vector<Owner> first, std::vector<Owner> second) {
    auto whose = Whose::everybody();
    for (const auto& owners : {first, second}) {
      auto part = Whose::everybody();
      for (const auto& owner : owners) part.add_row(owner);
      whose.add(part);
    }
    return whose;
  };
  CHECK(joined({"4", "4"}, {"4"}).may_go_to("4"));
  CHECK(joined({}, {"4"}).may_go_to("4"));
  CHECK(joined({"4"}, {}).may_go_to("4"));
  CHECK_FALSE(joined({"4"}, {"5"}).may_go_to("4"));
  CHECK_FALSE(joined({"4", "5"}, {}).may_go_to("4"));
  CHECK_FALSE(joined({"5", "4"}, {"4"}).may_go_to("4"));
  CHECK_FALSE(joined({"4", std::nullopt}, {"4"}).may_go_to("4"));
  CHECK_FALSE(joined({std::nullopt}, {"4"}).may_go_to("4"));
  CHECK(joined({"5", "4"}, {std::nullopt}).may_go_to(std::nullopt));
}

}  // namespace
}  // namespace ordercast
