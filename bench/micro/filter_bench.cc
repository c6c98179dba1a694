// What a filter costs: to parse, once for each request, and to ask of a row that is split already,
// once for each change and view.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/filter.h"

namespace ordercast {
namespace {

const StreamInfo kOrders{
    .name = "orders",
    .table = "public.orders",
    .key = {"id"},
    .columns = {{"id", "bigint", "bigint"},
                {"merchant_id", "integer", "integer"},
                {"order_number", "text", "text"},
                {"customer_name", "text", "text"},
                {"status", "order_status", "order_status", {"new", "paid", "packed", "shipped"}},
                {"total", "numeric(12,2)", "numeric"},
                {"items", "jsonb", "jsonb"},
                {"note", "text", "text"},
                {"created_at", "timestamp with time zone", "timestamp with time zone"}},
    .tenant = ""};

// As the demo shop's.
const std::string kRow =
    R"({"id":"255","merchant_id":4,"order_number":"NB-000255","customer_name":"Noah Fischer",)"
    R"("status":"shipped","total":"102.40","items":[{"qty": 2, "sku": "NB-BELL", )"
    R"("name": "Brass bell", "price": 18.75}, {"qty": 1, "sku": "NB-LAMP", )"
    R"("name": "Front lamp 80 lux", "price": 64.90}],"note":null,)"
    R"("created_at":"2026-11-23T11:05:25+00:00"})";

using Parameters = std::vector<Parameter>;

void parse(benchmark::State& state, const Parameters& parameters) {
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Filter::parse(parameters, kOrders));
}

// Each of these filters matches, so that all of it is asked.
void match(benchmark::State& state, const Parameters& parameters) {
  const auto filter = Filter::parse(parameters, kOrders);
  const Row row(kRow);
  if (!filter.matches(row)) state.SkipWithError("does not match");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(filter.matches(row));
}

void split(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Row(kRow));
}
BENCHMARK(split);

const Parameters kOne{{"status", "eq.shipped"}};
const Parameters kUsual{
    {"merchant_id", "eq.4"}, {"status", "in.(paid,shipped)"}, {"total", "gte.100"}};
const Parameters kTime{{"created_at", "gte.2026-11-23T00:00:00Z"}};
const Parameters kNested{{"or", "(status.eq.new,and(total.gt.99.5,note.is.null,id.not.eq.7))"}};
const Parameters kPath{{"items->1->>sku", "eq.NB-LAMP"}};
const Parameters kLike{{"customer_name", "ilike.*fisch*"}};
const Parameters kMatch{{"order_number", "match.^NB-\\d{6}$"}};

#define FOR_EACH_FILTER(function)                 \
  BENCHMARK_CAPTURE(function, one, kOne);         \
  BENCHMARK_CAPTURE(function, usual, kUsual);     \
  BENCHMARK_CAPTURE(function, time, kTime);       \
  BENCHMARK_CAPTURE(function, nested, kNested);   \
  BENCHMARK_CAPTURE(function, jsonb_path, kPath); \
  BENCHMARK_CAPTURE(function, ilike, kLike);      \
  BENCHMARK_CAPTURE(function, match_regex, kMatch)

FOR_EACH_FILTER(parse);
FOR_EACH_FILTER(match);

}  // namespace
}  // namespace ordercast
