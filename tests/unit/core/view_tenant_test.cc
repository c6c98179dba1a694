// What a view of one tenant sees: the first of the two checks, by the rows' JSON. The second is
// tested in whose_test.cc, tests/unit/hub/fan_out_test.cc and
// tests/unit/http/tenant_stream_test.cc.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/view.h"
#include "core/view_index.h"
#include "support/event_stream.h"
#include "support/orders_stream.h"

namespace ordercast {
namespace {

using Catch::Matchers::Contains;
using testing::delete_of;
using testing::insert_of;
using testing::Order;
using testing::update_of;

constexpr Epoch kEpoch{0x0123456789ab};
const Position kStart{{5, 5, {}}, std::nullopt};
const Order kMine{.id = 1, .merchant_id = 4};
const Order kTheirs{.id = 1, .merchant_id = 5, .status = "secret"};

StreamInfo divided() {
  auto stream = testing::orders_stream();
  stream.tenant = "merchant_id";
  return stream;
}

View view_of(const std::string& tenant, TransactionId since = 0) {
  auto stream = divided();
  stream.tenant_since = since;
  return View(ViewSpec{.stream = "orders", .tenant = Tenant::of(stream, tenant)});
}

// As the triggers log it.
Change logged(Change change) {
  const auto tenant_of = [](const std::string& row) -> std::optional<std::string> {
    if (row.empty()) return std::nullopt;
    return std::string(*Row(row).find("merchant_id"));
  };
  change.old_tenant = tenant_of(change.old_row);
  change.new_tenant = tenant_of(change.new_row);
  return change;
}

std::vector<std::string> told(const View& view, const std::vector<Change>& changes) {
  const auto frames = view.encode(testing::batch_of(changes), kEpoch, kStart);
  CHECK(frames.whose.may_go_to("4"));
  CHECK_THAT(frames.text, !Contains("secret"));
  std::vector<std::string> names;
  for (const auto& event : testing::EventStream(frames.text).events) names.push_back(event.name);
  return names;
}

TEST_CASE("A tenant is told of its rows, as a filter would, and of no other's", "[view_tenant]") {
  const auto view = view_of("4");
  CHECK(told(view, {logged(insert_of(kMine)), logged(insert_of(kTheirs)),
                    logged(update_of(kMine, {.status = "packed"})),
                    logged(update_of(kTheirs, {.merchant_id = 5, .status = "secret too"})),
                    logged(update_of(kMine, kTheirs)), logged(update_of(kTheirs, kMine)),
                    logged(delete_of(kTheirs)), logged(delete_of(kMine)),
                    testing::change_of(Op::kTruncate)}) ==
        std::vector<std::string>{"insert", "update", "delete", "insert", "delete", "reset"});
}

TEST_CASE("A tenant comes on top of the filter, never in its place", "[view_tenant]") {
  const View view(
      ViewSpec{.stream = "orders",
               .filter = testing::orders_filter({{"or", "(status.eq.paid,merchant_id.eq.5)"}}),
               .tenant = Tenant::of(divided(), "4")});
  CHECK(told(view, {logged(insert_of(kMine)), logged(insert_of(kTheirs)),
                    logged(insert_of({.merchant_id = 5})),
                    logged(insert_of({.merchant_id = 4, .status = "new"}))}) ==
        std::vector<std::string>{"insert"});
  View::Told rows;
  view.append_row(rows, {R"({"id":"1"})", kMine.row(), "4"});
  view.append_row(rows, {R"({"id":"2"})", kTheirs.row(), "5"});
  CHECK(testing::EventStream(rows.text).events.size() == 1);
  CHECK(rows.whose.may_go_to("4"));
}

TEST_CASE("Views of two tenants are not one, whatever the values", "[view_tenant]") {
  auto stream = divided();
  stream.columns[1].base = "text";
  const auto canonical = [&](std::optional<std::string> tenant) {
    ViewSpec spec{.stream = "orders"};
    if (tenant) spec.tenant = Tenant::of(stream, *tenant);
    return spec.canonical();
  };
  CHECK(canonical("4") == canonical("4"));
  CHECK(canonical("4") != canonical("5"));
  CHECK(canonical("") != canonical(std::nullopt));
}

TEST_CASE("A message to one is told to it, one to nobody in particular to all", "[view_tenant]") {
  auto to = [](const char* tenant) {
    auto message = testing::message_of("note", "{}");
    message.key = std::string(R"({"event":"note","tenant":")") + tenant + "\"}";
    message.new_tenant = tenant;
    return message;
  };
  CHECK(told(view_of("4"), {testing::message_of("news", "1"), to("4"), to("5")}) ==
        std::vector<std::string>{"news", "note"});
  const auto all = View("orders").encode(testing::batch_of({to("4"), to("5")}), kEpoch, kStart);
  CHECK(testing::EventStream(all.text).events.size() == 2);
}

TEST_CASE("A change that the log does not attribute resets those whose it may be",
          "[view_tenant]") {
  const auto view = view_of("4");
  // As it was logged before the log had tenants, or for another tenant column.
  CHECK(told(view, {insert_of(kMine), insert_of(kTheirs)}) == std::vector<std::string>{"reset"});
  const auto later = view_of("4", 7);
  CHECK(told(later, {logged(insert_of(kMine)), logged(insert_of(kTheirs))}) ==
        std::vector<std::string>{"reset"});
  CHECK(view.reset_in(testing::batch_of({insert_of(kMine)}), kStart) == "reload");
  // Too large to be looked at.
  const auto large = [](Change change) { return testing::too_large(logged(std::move(change))); };
  CHECK(told(view, {large(insert_of(kMine)), large(insert_of(kTheirs))}) ==
        std::vector<std::string>{"reset"});
  CHECK(told(view, {large(update_of(kMine, kTheirs))}) == std::vector<std::string>{"reset"});
  CHECK(view.reset_in(testing::batch_of({large(insert_of(kMine))}), kStart) == "too_large");
}

TEST_CASE("To whom a change is nothing, it might as well not be", "[view_tenant]") {
  const auto view = view_of("4");
  CHECK(view.concerns(logged(insert_of(kMine))));
  CHECK(view.concerns(logged(update_of(kMine, kTheirs))));
  CHECK(view.concerns(testing::change_of(Op::kReload)));
  CHECK(view.concerns(testing::message_of("note", "{}")));
  CHECK_FALSE(view.concerns(logged(insert_of(kTheirs))));
  CHECK_FALSE(view.concerns(testing::change_of(Op::kCatalog)));
}

TEST_CASE("Where rows and the log disagree, the frames are marked as no tenant's",
          "[view_tenant]") {
  auto change = logged(insert_of(kMine));
  change.new_tenant = "5";
  const auto frames = view_of("4").encode(testing::batch_of({change}), kEpoch, kStart);
  CHECK_FALSE(frames.text.empty());
  CHECK_FALSE(frames.whose.may_go_to("4"));
}

TEST_CASE("The index finds a tenant's views by the row", "[view_tenant]") {
  ViewIndex index;
  const auto mine = std::make_shared<const View>(view_of("4"));
  const auto other = std::make_shared<const View>(view_of("6"));
  index.add(mine);
  index.add(other);
  std::vector<ViewPtr> visited;
  index.visit(testing::batch_of({logged(insert_of(kMine)), logged(insert_of(kTheirs))}),
              [&](const ViewPtr& view, std::span<const std::size_t> candidates) {
                visited.push_back(view);
                CHECK(candidates.size() == 1);
              });
  CHECK(visited == std::vector<ViewPtr>{mine});
}

}  // namespace
}  // namespace ordercast
