#include "core/view_index.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "support/orders_stream.h"

namespace ordercast {
namespace {

using testing::Order;
using Candidates = std::map<ViewPtr, std::vector<std::size_t>>;
using Indexes = std::vector<std::size_t>;

constexpr Epoch kEpoch{0xabc};
const Position kStart{{5, 5, {}}, std::nullopt};

ViewPtr view_of(const std::vector<Parameter>& filter, const std::string& stream = "orders") {
  return std::make_shared<const View>(
      ViewSpec{.stream = stream, .filter = testing::orders_filter(filter)});
}

Candidates visited(const ViewIndex& index, const ParsedBatch& batch) {
  Candidates found;
  index.visit(batch, [&](const ViewPtr& view, std::span<const std::size_t> changes) {
    const bool first = found.emplace(view, Indexes(changes.begin(), changes.end())).second;
    REQUIRE(first);
  });
  return found;
}

TEST_CASE("A view without a demand looks at every change of its stream", "[view_index]") {
  ViewIndex index;
  const auto all = view_of({});
  const auto range = view_of({{"total", "gt.5"}});
  index.add(all);
  index.add(range);
  index.add(view_of({}, "items"));
  auto of_items = testing::insert_of({});
  of_items.stream = "parcels";
  CHECK(visited(index,
                testing::batch_of({testing::insert_of({}), of_items, testing::delete_of({})})) ==
        Candidates{{all, {0, 2}}, {range, {0, 2}}});
}

TEST_CASE("A view that demands a value looks at the rows that have it, or had it", "[view_index]") {
  ViewIndex index;
  const auto four = view_of({{"merchant_id", "eq.4"}});
  const auto five = view_of({{"merchant_id", "in.(5,6)"}});
  index.add(four);
  index.add(five);
  const Order at_four{.merchant_id = 4};
  const Order at_five{.merchant_id = 5};
  const Order at_six{.merchant_id = 6};
  const auto batch =
      testing::batch_of({testing::insert_of(at_four), testing::insert_of(at_five),
                         testing::update_of(at_four, at_five), testing::update_of(at_five, at_six),
                         testing::delete_of(at_four), testing::delete_of(at_six),
                         testing::insert_of({.merchant_id = 7})});
  CHECK(visited(index, batch) == Candidates{{four, {0, 2, 4}}, {five, {1, 2, 3, 5}}});
}

TEST_CASE("What has no row to look at is for every view of the stream", "[view_index]") {
  ViewIndex index;
  const auto four = view_of({{"merchant_id", "eq.4"}});
  index.add(four);
  const auto batch =
      testing::batch_of({testing::change_of(Op::kTruncate), testing::insert_of({.merchant_id = 5}),
                         testing::message_of("note", "{}"), testing::change_of(Op::kCatalog),
                         testing::too_large(testing::insert_of({.merchant_id = 5}))});
  CHECK(visited(index, batch) == Candidates{{four, {0, 2, 4}}});
}

TEST_CASE("A page that has nothing for a view does not call on it", "[view_index]") {
  ViewIndex index;
  index.add(view_of({{"merchant_id", "eq.4"}}));
  CHECK(visited(index, testing::batch_of({testing::insert_of({.merchant_id = 5})})).empty());
  CHECK(visited(index, testing::batch_of({})).empty());
}

TEST_CASE("Of two demands a view is filed under the one that few others share", "[view_index]") {
  // Whichever column comes first, and whichever view.
  const auto* shared = GENERATE("status", "merchant_id");
  const bool by_status = std::string(shared) == "merchant_id";
  ViewIndex index;
  for (int i = 0; i < 20; ++i) {
    const auto own = std::to_string(i);
    index.add(by_status ? view_of({{"merchant_id", "eq.4"}, {"status", "eq.s" + own}})
                        : view_of({{"merchant_id", "eq." + own}, {"status", "eq.paid"}}));
  }
  const auto found =
      visited(index, testing::batch_of({testing::insert_of(by_status ? Order{.status = "s7"}
                                                                     : Order{.merchant_id = 7})}));
  // The first one cannot know, and may be filed with what turns out to be shared.
  CHECK_FALSE(found.empty());
  CHECK(found.size() <= 2);
}

TEST_CASE("A view that was removed is not found, the others are", "[view_index]") {
  ViewIndex index;
  const auto four = view_of({{"merchant_id", "eq.4"}});
  const auto too = view_of({{"merchant_id", "in.(4,5)"}});
  const auto all = view_of({});
  for (const auto& view : {four, too, all}) index.add(view);
  const auto batch = testing::batch_of({testing::insert_of({})});
  index.remove(four);
  index.remove(four);
  CHECK(visited(index, batch) == Candidates{{too, {0}}, {all, {0}}});
  index.remove(all);
  CHECK(visited(index, batch) == Candidates{{too, {0}}});
  index.remove(too);
  CHECK(visited(index, batch).empty());
  index.add(four);
  CHECK(visited(index, batch) == Candidates{{four, {0}}});
}

Order any_order() {
  return {.id = *rc::gen::inRange(1, 4),
          .merchant_id = *rc::gen::inRange(1, 5),
          .status = *rc::gen::element<std::string>("new", "paid", "packed"),
          .total = *rc::gen::element<std::string>("1.00", "50.00")};
}

Change any_change() {
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return testing::change_of(*rc::gen::element(Op::kTruncate, Op::kReload, Op::kCatalog));
    case 1:
      return testing::message_of("note", "{}");
    case 2:
      return testing::too_large(testing::insert_of(any_order()));
    case 3:
      return testing::insert_of(any_order());
    case 4:
      return testing::delete_of(any_order());
    default:
      return testing::update_of(any_order(), any_order());
  }
}

ViewPtr any_view() {
  const auto merchant = std::to_string(*rc::gen::inRange(1, 5));
  const std::vector<std::vector<Parameter>> filters{
      {},
      {{"merchant_id", "eq." + merchant}},
      {{"merchant_id", "in.(" + merchant + ",1)"}, {"status", "eq.paid"}},
      {{"status", "in.(paid,packed)"}, {"total", "gt.10"}},
      {{"or", "(merchant_id.eq." + merchant + ",status.eq.new)"}},
      {{"merchant_id", "is.null"}},
      {{"merchant_id", "neq." + merchant}},
      {{"status", "not.eq.paid"}},
      {{"merchant_id", "eq.1"}, {"merchant_id", "eq.2"}}};
  return view_of(*rc::gen::elementOf(filters));
}

TEST_CASE("The index leaves out nothing that a view would tell", "[view_index][property]") {
  rc::prop("the frames are those without an index, for the views that were not removed", [] {
    ViewIndex index;
    std::vector<ViewPtr> views;
    for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
      views.push_back(any_view());
      index.add(views.back());
      if (*rc::gen::inRange(0, 4) > 0) continue;
      index.remove(views.back());
      views.pop_back();
    }
    std::vector<Change> changes;
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) changes.push_back(any_change());
    const auto batch = testing::batch_of(std::move(changes));

    auto found = visited(index, batch);
    for (const auto& view : views) {
      const auto& candidates = found[view];
      RC_ASSERT(std::is_sorted(candidates.begin(), candidates.end()));
      RC_ASSERT(view->encode(batch, kEpoch, kStart, candidates).text ==
                view->encode(batch, kEpoch, kStart).text);
      RC_ASSERT(view->reset_in(batch, kStart, candidates) == view->reset_in(batch, kStart));
    }
    RC_ASSERT(found.size() == views.size());
  });
}

}  // namespace
}  // namespace ordercast
