// What a change costs a node, and how that grows with the number of views. Times are of one change
// (or one call) where "items_per_second" counts them.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/view_index.h"
#include "support/orders_stream.h"

namespace ordercast {
namespace {

using testing::orders_stream;

constexpr Epoch kEpoch{0xabc};
const Position kStart{{5, 5, {}}, std::nullopt};
constexpr int kPageChanges = 1000;

// As the demo shop's: about 450 bytes, most of them in a document.
std::string order_row(int id, int merchant, std::string_view status) {
  return fmt::format(
      R"({{"id":"{}","merchant_id":{},"order_number":"NB-{:06}","customer_name":"Noah Fischer",)"
      R"("status":"{}","currency":"EUR","total":"102.40","Ship to":{{"city": "Rye", "items": )"
      R"([{{"qty": 2, "sku": "NB-BELL", "name": "Brass bell", "price": 18.75}}, )"
      R"({{"qty": 1, "sku": "NB-LAMP", "name": "Front lamp 80 lux", "price": 64.90}}]}},)"
      R"("note":null,"created_at":"2026-11-23T11:05:25+00:00",)"
      R"("updated_at":"2026-11-23T18:22:43.018736+00:00"}})",
      id, merchant, id, status);
}

// An update of an order of the merchant.
Change change_of(int id, int merchant) {
  auto change = testing::change_of(Op::kUpdate, id);
  change.key = fmt::format(R"({{"id":"{}"}})", id);
  change.old_row = order_row(id, merchant, "paid");
  change.new_row = order_row(id, merchant, "packed");
  return change;
}

// One change for each merchant in turn.
BatchPtr page_of(int merchants) {
  Batch batch{kStart, {9, 9, {}}, true, {}};
  for (int id = 0; id < kPageChanges; ++id) batch.changes.push_back(change_of(id, id % merchants));
  return std::make_shared<const Batch>(std::move(batch));
}

void split_row(benchmark::State& state) {
  const auto text = order_row(1, 4, "paid");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Row(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(split_row);

const std::map<std::string, std::vector<Parameter>> kFilters{
    {"equal", {{"merchant_id", "eq.4"}}},
    {"in_list", {{"status", "in.(new,paid,packed,shipped)"}}},
    {"range", {{"total", "gte.100"}}},
    {"ilike", {{"customer_name", "ilike.*fisch*"}}},
    {"four",
     {{"merchant_id", "eq.4"},
      {"status", "in.(new,paid)"},
      {"total", "gte.100"},
      {"or", "(customer_name.ilike.noah*,note.is.null)"}}},
};

StreamInfo wide_stream() {
  auto stream = orders_stream();
  for (const auto* name : {"customer_name", "note"}) {
    stream.columns.push_back({.name = name, .type = "text", .base = "text"});
  }
  return stream;
}

void parse_filter(benchmark::State& state, const std::string& name) {
  const auto stream = wide_stream();
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Filter::parse(kFilters.at(name), stream));
}
BENCHMARK_CAPTURE(parse_filter, equal, "equal");
BENCHMARK_CAPTURE(parse_filter, four, "four");

void match(benchmark::State& state, const std::string& name) {
  const auto filter = Filter::parse(kFilters.at(name), wide_stream());
  const auto text = order_row(1, 4, "paid");
  const Row row(text);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(filter.matches(row));
}
BENCHMARK_CAPTURE(match, equal, "equal");
BENCHMARK_CAPTURE(match, in_list, "in_list");
BENCHMARK_CAPTURE(match, range, "range");
BENCHMARK_CAPTURE(match, ilike, "ilike");
BENCHMARK_CAPTURE(match, four, "four");

// A page for one view to which all of it belongs, rows split before: the cost of a further view.
void encode(benchmark::State& state, const ViewSpec& spec) {
  const ParsedBatch page(page_of(1));
  const View view(spec);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(view.encode(page, kEpoch, kStart));
  state.SetItemsProcessed(state.iterations() * kPageChanges);
}
BENCHMARK_CAPTURE(encode, all, ViewSpec{.stream = "orders"});
BENCHMARK_CAPTURE(encode, ndjson, ViewSpec{.stream = "orders", .format = FrameFormat::kNdjson});
BENCHMARK_CAPTURE(encode, three_columns,
                  ViewSpec{.stream = "orders",
                           .selection = Selection::parse("id,status,total", orders_stream())});

ViewPtr view_of(const std::vector<Parameter>& filter) {
  return std::make_shared<const View>(
      ViewSpec{.stream = "orders", .filter = Filter::parse(filter, orders_stream())});
}

// All that a page costs before it is sent: rows are split, views are found, frames encoded.
void deliver(benchmark::State& state, const ViewIndex& index, const BatchPtr& batch) {
  std::size_t visits = 0;
  for ([[maybe_unused]] auto _ : state) {
    const ParsedBatch page(batch);
    index.visit(page, [&](const ViewPtr& view, std::span<const std::size_t> candidates) {
      benchmark::DoNotOptimize(view->encode(page, kEpoch, kStart, candidates));
      ++visits;
    });
  }
  state.SetItemsProcessed(state.iterations() * kPageChanges);
  state.counters["views_visited_a_page"] =
      static_cast<double>(visits) / static_cast<double>(state.iterations());
}

// Each view wants a merchant of its own, each change is for one of the views.
void page_of_merchants(benchmark::State& state) {
  const int views = static_cast<int>(state.range(0));
  ViewIndex index;
  for (int i = 0; i < views; ++i) index.add(view_of({{"merchant_id", fmt::format("eq.{}", i)}}));
  deliver(state, index, page_of(views));
}
BENCHMARK(page_of_merchants)->RangeMultiplier(10)->Range(1, 10'000);

// The same views asked one by one, as there were no index.
void page_without_index(benchmark::State& state) {
  const int views = static_cast<int>(state.range(0));
  std::vector<ViewPtr> all;
  all.reserve(static_cast<std::size_t>(views));
  for (int i = 0; i < views; ++i)
    all.push_back(view_of({{"merchant_id", fmt::format("eq.{}", i)}}));
  const auto batch = page_of(views);
  for ([[maybe_unused]] auto _ : state) {
    const ParsedBatch page(batch);
    for (const auto& view : all) benchmark::DoNotOptimize(view->encode(page, kEpoch, kStart));
  }
  state.SetItemsProcessed(state.iterations() * kPageChanges);
}
BENCHMARK(page_without_index)->RangeMultiplier(10)->Range(1, 10'000)->Unit(benchmark::kMillisecond);

// Filters that no index helps: each view looks at each change, and shows none.
void page_of_ranges(benchmark::State& state) {
  const int views = static_cast<int>(state.range(0));
  ViewIndex index;
  for (int i = 0; i < views; ++i) index.add(view_of({{"total", fmt::format("gt.{}", 1000 + i)}}));
  deliver(state, index, page_of(views));
}
BENCHMARK(page_of_ranges)->RangeMultiplier(10)->Range(1, 1'000)->Unit(benchmark::kMillisecond);

// A client comes and goes among so many others.
void add_and_remove(benchmark::State& state) {
  ViewIndex index;
  for (int i = 0; i < state.range(0); ++i) {
    index.add(view_of({{"merchant_id", fmt::format("eq.{}", i)}, {"status", "eq.paid"}}));
  }
  const auto view = view_of({{"merchant_id", "eq.-1"}, {"status", "eq.paid"}});
  for ([[maybe_unused]] auto _ : state) {
    index.add(view);
    index.remove(view);
  }
}
BENCHMARK(add_and_remove)->RangeMultiplier(100)->Range(1, 10'000);

}  // namespace
}  // namespace ordercast
