#include "core/filter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ordercast {
namespace {

const StreamInfo kOrders{
    .name = "orders",
    .table = "public.orders",
    .key = {"id"},
    .columns = {{"id", "bigint", "bigint"},
                {"merchant_id", "integer", "integer"},
                {"status", "order_status", "public.order_status", {"new", "paid", "shipped"}},
                {"total", "numeric(12,2)", "numeric"},
                {"note", "text", "text"},
                {"code", "character(5)", "character"},
                {"gift", "boolean", "boolean"},
                {"items", "jsonb", "jsonb"},
                {"tags", "text[]", "text[]"},
                {"created_at", "timestamp with time zone", "timestamp with time zone"}},
    .tenant = ""};

constexpr const char* kRow =
    R"({"id":"42","merchant_id":4,"status":"paid","total":"102.40","note":null,"code":"AB   ","gift":true,)"
    R"("items":[{"qty": 2, "sku": "NB-BELL", "price": 18.75}],"tags":["a"],)"
    R"("created_at":"2026-11-23T11:05:25+00:00"})";

Filter filter(const std::vector<Parameter>& parameters) {
  return Filter::parse(parameters, kOrders);
}

bool matches(const std::string& name, const std::string& value) {
  return filter({{name, value}}).matches(Row(kRow));
}

TEST_CASE("Without parameters every row matches", "[filter]") {
  CHECK(Filter().matches(Row(kRow)));
  CHECK(filter({}).empty());
  CHECK(filter({}).canonical().empty());
}

TEST_CASE("A condition compares as the column's type does", "[filter]") {
  CHECK(matches("id", "gt.9"));
  CHECK(matches("status", "in.(paid,shipped)"));
  CHECK(matches("status", "gt.new"));
  CHECK_FALSE(matches("status", "gt.paid"));
  CHECK(matches("total", "eq.102.4"));
  CHECK(matches("total", "gte.99.999"));
  CHECK(matches("code", "eq.AB"));
  CHECK(matches("gift", "is.true"));
  CHECK(matches("created_at", "eq.2026-11-23T12:05:25+01:00"));
  CHECK(matches("items->0->>sku", "like.NB-*"));
  CHECK(matches("items->-1->price", "gt.9"));
  CHECK(matches("items->1", "is.null"));
  CHECK_FALSE(matches("items->0", "is.null"));
}

TEST_CASE("What is NULL is unknown, and so is its contrary", "[filter]") {
  CHECK_FALSE(matches("note", "eq.x"));
  CHECK_FALSE(matches("note", "neq.x"));
  CHECK_FALSE(matches("note", "not.eq.x"));
  CHECK_FALSE(matches("not.or", "(note.eq.x,id.eq.1)"));
  CHECK(matches("or", "(note.eq.x,id.eq.42)"));
  CHECK(matches("not.and", "(note.eq.x,id.eq.1)"));
  CHECK(matches("note", "is.null"));
  CHECK_FALSE(matches("note", "not.is.null"));
  CHECK(matches("note", "isdistinct.x"));
}

TEST_CASE("All parameters hold at once", "[filter]") {
  const Row row(kRow);
  CHECK(filter({{"status", "eq.paid"}, {"total", "gt.100"}}).matches(row));
  CHECK_FALSE(filter({{"status", "eq.paid"}, {"status", "eq.new"}}).matches(row));
}

TEST_CASE("Groups nest, and quotes hide what parentheses would end", "[filter]") {
  CHECK(matches("or", "(status.eq.new,and(total.gt.100,not.or(id.eq.1,gift.is.false)))"));
  CHECK(matches("and", "(note.is.null, \"status\".in.(\"paid\",new))"));
  CHECK(filter({{"note", "in.(\"a,b\",\"c\\\"d\")"}}).matches(Row(R"({"note":"c\"d"})")));
  CHECK(filter({{"or", "(note.eq.\"a),(b\",id.eq.1)"}})
            .matches(Row(R"x({"note":"a),(b","id":"2"})x")));
  // Outside of parentheses the rest is the value.
  CHECK(filter({{"note", "eq.\"a\",b)"}}).matches(Row(R"x({"note":"\"a\",b)"})x")));
  CHECK(filter({{"note", "eq."}}).matches(Row(R"({"note":""})")));
}

TEST_CASE("A row that lacks the column has NULL there, a new enum label is unknown", "[filter]") {
  CHECK(filter({{"note", "is.null"}}).matches(Row("{}")));
  CHECK_FALSE(filter({{"status", "neq.paid"}}).matches(Row(R"({"status":"lost"})")));
}

TEST_CASE("Filters that say the same have one text", "[filter]") {
  const auto text = [](const std::vector<Parameter>& parameters) {
    return filter(parameters).canonical();
  };
  CHECK(text({{"id", "eq.1"}, {"note", "eq.a"}}) ==
        text({{"and", "(note.eq.a,id.eq.+1,id.eq.1)"}}));
  CHECK(text({{"status", "in.(shipped,paid,paid)"}}) == text({{"status", "in.(paid,shipped)"}}));
  CHECK(text({{"status", "in.(paid)"}}) == text({{"status", "eq.paid"}}));
  CHECK(text({{"total", "eq.1.50"}}) == text({{"total", "eq.+01.5"}}));
  CHECK(text({{"not.and", "(not.and(id.eq.1,id.eq.2))"}}) == text({{"and", "(id.eq.2,id.eq.1)"}}));
  CHECK(text({{"created_at", "gt.2026-01-02T01:00:00+01"}}) ==
        text({{"created_at", "gt.2026-01-02"}}));
  CHECK(text({{"note", "like.a*"}}) == text({{"note", "like.a%%"}}));
  CHECK(text({{"id", "eq.1"}}) != text({{"id", "eq.2"}}));
  CHECK(text({{"note", "eq.a"}}) != text({{"note", "neq.a"}}));
  CHECK(text({{"items->0", "is.null"}}) != text({{"items->\"0\"", "is.null"}}));
  CHECK(text({{"items->>a", "eq.1"}}) != text({{"items->a", "eq.1"}}));
  CHECK(
      text({{"or", "(id.eq.1,note.eq.a)"}}) ==
      R"({"or":[{"column":"id","op":"eq","value":"1"},{"column":"note","op":"eq","value":"a"}]})");
}

TEST_CASE("An index may look only where equal values have one JSON text", "[filter]") {
  const auto needed = filter({{"merchant_id", "eq.4"},
                              {"id", "in.(7,9007199254740993)"},
                              {"status", "eq.paid"},
                              {"note", "eq.a\"b"},
                              {"total", "eq.1"},
                              {"code", "eq.AB"},
                              {"gift", "not.eq.true"},
                              {"or", "(id.eq.1,note.eq.x)"}})
                          .needed_values();
  std::vector<std::string> lines;
  for (const auto& [column, tokens] : needed) {
    lines.push_back(column);
    for (const auto& token : tokens) lines.back() += ' ' + token;
  }
  CHECK(lines == std::vector<std::string>{R"(id "7" "9007199254740993")", "merchant_id 4",
                                          R"(note "a\"b")", R"(status "paid")"});
  const auto both =
      filter({{"id", "in.(1,2,3)"}, {"and", "(id.in.(3,4),total.gt.1)"}}).needed_values();
  REQUIRE(both.size() == 1);
  CHECK(both[0].tokens == std::vector<std::string>{"\"3\""});
}

struct Refusal {
  std::string name;
  std::string value;
  std::size_t position;
  std::string problem;
};

TEST_CASE("A filter that cannot be understood says where, why, and what columns there are",
          "[filter]") {
  const auto bad = GENERATE(values<Refusal>({
      {"nothing", "eq.1", 0, "there is no column 'nothing'"},
      {"or", "(id.eq.1,stat.eq.paid)", 10, "there is no column 'stat'"},
      {"id", "equals.1", 1, "expected an operator"},
      {"id", "1", 1, "expected an operator"},
      {"id", "eq", 1, "expected an operator"},
      {"id", "eq.x", 4, "expected an integer from -9223372036854775808 to 9223372036854775807"},
      {"merchant_id", "eq.2147483648", 4, "expected an integer from -2147483648 to 2147483647"},
      {"merchant_id", "eq.+-1", 4, "expected an integer"},
      {"status", "in.(paid,\u00e9,x)", 10, "expected one of new, paid, shipped"},
      {"total", "gt.1e5", 4, "expected a decimal number"},
      {"gift", "eq.yes", 4, "expected true or false"},
      {"gift", "is.maybe", 4, "expected is.null, is.true"},
      {"note", "is.true", 4, "expected is.null"},
      {"created_at", "gt.2026-01-02T00:00:00 01", 4, "in a URL, + is written %2B"},
      {"tags", "eq.{a}", 1, "tags text[] can only be compared by is.null"},
      {"items", "eq.1", 1, "or by a path"},
      {"items->0->>sku->x", "eq.1", 0, "->> ends a path"},
      {"items->", "eq.1", 0, "expected a key"},
      {"note->>a", "eq.1", 0, "-> leads into jsonb, and the column is note text"},
      {"id", "like.4*", 1, "like is for text, and the column is id bigint"},
      {"note", "match.a(b", 10, "expected a ) that ends the group"},
      {"or", "(note.match.\"\\\\d\\\"(\")", 20, "expected a ) that ends the group"},
      {"note", "like.a\\", 8, "expected a character after \\"},
      {"id", "in.1,2", 4, "expected a list"},
      {"id", "in.()", 5, "the empty text is \"\""},
      {"id", "in.(1,2", 8, "expected , and another element, or )"},
      {"id", "in.(1)x", 7, "expected nothing more"},
      {"or", "id.eq.1", 1, "expected ("},
      {"or", "(id.eq.1", 9, "expected , and another condition, or )"},
      {"or", "(id.eq.1)x", 10, "expected nothing more"},
      {"or", "()", 2, "there is no column ''"},
      {"or", "(note.eq.\"a,id.eq.1)", 10, "expected a \" that ends"},
      {"or", "(note.eq.\"a\"b)", 13, "expected , or ) after a quoted value"},
      {"not.id", "eq.1", 0, "there is no column 'not.id'"},
  }));
  CAPTURE(bad.name, bad.value);
  try {
    (void)filter({{bad.name, bad.value}});
    FAIL("was taken");
  } catch (const FilterError& error) {
    CHECK(error.parameter == bad.name);
    CHECK(error.position == bad.position);
    CHECK_THAT(error.what(), Catch::Contains(bad.problem));
    CHECK_THAT(error.what(), Catch::StartsWith(bad.name) &&
                                 Catch::Contains("the columns of 'orders' are: id bigint, "));
  }
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("A filter has its limits, and says which", "[filter]") {
  const auto nested = [](std::size_t depth) {
    return Parameter{"and", "(" + repeated("or(", depth - 1) + "id.eq.1" + repeated(")", depth)};
  };
  CHECK_NOTHROW(filter({nested(Filter::kMaxDepth)}));
  CHECK_THROWS_WITH(filter({nested(Filter::kMaxDepth + 1)}),
                    Catch::Contains("at most 8 levels deep"));

  const std::vector<Parameter> conditions(Filter::kMaxConditions, {"id", "eq.1"});
  CHECK_NOTHROW(filter(conditions));
  auto too_many = conditions;
  too_many.push_back({"id", "eq.1"});
  CHECK_THROWS_WITH(filter(too_many), Catch::Contains("at most 50 conditions"));

  const auto list = repeated("1,", Filter::kMaxList - 1) + "1";
  CHECK_NOTHROW(filter({{"id", "in.(" + list + ")"}}));
  CHECK_THROWS_WITH(filter({{"id", "in.(" + list + ",1)"}}),
                    Catch::Contains("at most 100 elements"));

  const auto path = "items" + repeated("->0", Filter::kMaxPathSteps);
  CHECK_NOTHROW(filter({{path, "eq.1"}}));
  CHECK_THROWS_WITH(filter({{path + "->0", "eq.1"}}), Catch::Contains("at most 8 steps"));

  CHECK_NOTHROW(filter({{"note", "like." + repeated("a", Filter::kMaxPatternBytes)}}));
  CHECK_THROWS_WITH(filter({{"note", "like." + repeated("a", Filter::kMaxPatternBytes + 1)}}),
                    Catch::Contains("at most 200 bytes"));
  CHECK_THROWS_WITH(filter({{"note", "match.(" + repeated("[^a]{100}", 20) + ")"}}),
                    Catch::Contains("expected a simpler pattern"));
}

TEST_CASE("A row nested ever so deep does no harm", "[filter]") {
  constexpr std::size_t kDepth = 200'000;
  const auto row = R"({"items":)" + repeated("[", kDepth) + repeated("]", kDepth) + "}";
  CHECK_FALSE(filter({{"items->0->>0", "eq.1"}}).matches(Row(row)));
  CHECK(filter({{"items->0->0", "not.is.null"}}).matches(Row(row)));
}

}  // namespace
}  // namespace ordercast
