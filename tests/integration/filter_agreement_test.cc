// The filter here and the filter that PostgreSQL runs choose the same rows: random filters on rows
// of many types, with NULLs and values at the edges.
#include <fmt/format.h>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/filter.h"
#include "pg/log_queries.h"
#include "support/random_writers.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::test_seed;
using testing::TestDatabase;
using Texts = std::vector<std::string>;
using Parameters = std::vector<Parameter>;

// A column of the table, what rows have in it besides NULL, and what clients may compare it with.
struct TestColumn {
  std::string name;
  std::string type;
  Texts in_rows;
  Texts compared = {};  // as in_rows when empty
  bool textual = false;
  bool comparable = true;
};

const Texts kTexts{"",        "a",       "A",      "b",          "ab",     "aB",     "ba",
                   "a b",     "a%b",     "a_b",    "a*b",        "a\\b",   "\u00e9", "\u00c9",
                   "e\u0301", "\u00df",  "\u4e2d", "\U0001F600", "\uffff", "a\nb",   "a\tb",
                   "a\vb",    "\x01",    "\"q\"",  "a,b",        "(x)",    "zz",     "  ",
                   "abc  ",   "a.b",     "9",      "10",         "null",   "{a}",    "$1",
                   "'",       "K\u212a", "\u017f", "[a-b]",      "a|b^$"};

const std::vector<TestColumn> kColumns{
    {"b", "boolean", {"true", "false"}},
    {"i2", "smallint", {"-32768", "-1", "0", "1", "32767"}},
    {"i4", "integer", {"-2147483648", "-10", "9", "10", "2147483647"}, {"+9", "-10", "10", "010"}},
    {"i8",
     "bigint",
     {"-9223372036854775808", "9007199254740992", "9007199254740993", "10", "9",
      "9223372036854775807"}},
    {"n",
     "numeric",
     {"NaN", "Infinity", "-Infinity", "0", "0.0", "-0.00", "1", "1.0", "1.000", "-1.5", "-1.50",
      "-15", "10", "9", "0.1234567890123456789", "0.12345678901234567891", "12345678901234567890.5",
      "0.05", "0.5"},
     {"nan", "infinity", "-Infinity", "0", "-0", "+1", "01.00", "-1.5", "10", ".5", "9.", "0.05",
      "0.1234567890123456789", "12345678901234567890.50"}},
    {"n2",
     "numeric(12,2)",
     {"1.00", "1.01", "-1.01", "99.90", "0"},
     {"1", "1.005", "1.010", "99.9", "-1.01"}},
    {"dom", "amount", {"1.0", "2.50", "10"}, {"1", "2.5", "9"}},
    {"f4",
     "real",
     {"0.1", "-0", "0", "1e-45", "3.4028235e38", "NaN", "Infinity", "-Infinity", "16777217"},
     {"0.1", "0.10000000149", "0", "-0", "1e-45", "nan", "Infinity", "-infinity", "16777216",
      "3.4e38"}},
    {"f8",
     "double precision",
     {"0.1", "0.30000000000000004", "-0", "0", "5e-324", "1.7976931348623157e308", "NaN",
      "Infinity", "-Infinity", "9007199254740993", "1e23"},
     {"0.1", "0.3", "0.30000000000000004", "0", "-0", "NaN", "Infinity", "9007199254740992", "1e23",
      "99999999999999991611392", "+1e-3"}},
    {"t", "text", kTexts, {}, true},
    {"v", "varchar(20)", kTexts, {}, true},
    {"ci", "text COLLATE any_case", kTexts, {}, true},
    {"c", "char(5)", {"", "a", "a  ", "A", "ab", "abc  ", "a b", "zz", "\u00e9", "a%b"}, {}, true},
    {"nm", "name", {"a", "A", "ab", "zz", ""}, {}, true},
    {R"(odd "name", (x).y)", "text", {"a", "A", "b", ""}, {}, true},
    {"u",
     "uuid",
     {"00000000-0000-0000-0000-000000000001", "0f8fad5b-d9cb-469f-a165-70867728950e",
      "ffffffff-ffff-ffff-ffff-ffffffffffff", "9fffffff-ffff-ffff-ffff-ffffffffffff"},
     {"0F8FAD5B-D9CB-469F-A165-70867728950E", "9fffffff-ffff-ffff-ffff-ffffffffffff",
      "a0000000-0000-0000-0000-000000000000"}},
    {"e", "mood", {"sad", "ok", "happy", "a,b"}},
    {"de", "mood_domain", {"sad", "ok", "happy"}},
    {"d",
     "date",
     {"0044-03-15 BC", "0001-01-01", "1999-12-31", "2000-01-01", "2024-02-29", "9999-12-31",
      "10000-01-01", "5874897-12-31", "infinity", "-infinity"},
     {"0001-01-01", "1999-12-31", "2000-02-29", "2024-02-29", "9999-12-31", "infinity",
      "-infinity"}},
    {"tm",
     "time",
     {"00:00", "01:02:03.5", "23:59:59.999999", "24:00"},
     {"00:00", "01:02:03.500", "23:59:59.999999", "24:00", "12:00:00"}},
    {"ts",
     "timestamp",
     {"0044-03-15 12:00:00 BC", "1970-01-01", "1999-12-31 23:59:59.999999",
      "2026-01-02 03:04:05.678901", "294276-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC",
      "infinity", "-infinity"},
     {"1970-01-01", "1999-12-31T23:59:59.999999", "2026-01-02T03:04:05.678901", "2026-01-02 03:04",
      "0001-01-01", "infinity", "-infinity"}},
    {"tz",
     "timestamptz",
     {"0044-03-15 12:00:00+00 BC", "1999-12-31 23:59:59.999999+00", "2026-01-02 03:04:05.678901+00",
      "2026-01-02 03:04:05+02", "12345-01-01 00:00+00", "294276-12-31 23:59:59.999999+00",
      "infinity", "-infinity"},
     {"2026-01-02T03:04:05.678901Z", "2026-01-02T05:04:05.678901+02:00", "2026-01-02 01:04:05+00",
      "1999-12-31T23:59:59.999999", "2026-01-02T03:04:05+02", "2026-01-01T21:34:05-03:30",
      "2026-01-02t06:34:05.678901+0330", "2026-01-02T03:04:05.678901z", "2026-01-02", "infinity",
      "-infinity"}},
    {"j",
     "jsonb",
     {"null", "5", "\"a\"", "true", "[]", "{}", R"([{"sku":"a","qty":2},{"sku":"A","qty":10.0}])",
      R"({"sku":"a","k.1":{"sku":null},"0":"zero","qty":2})", R"({"k.1":[1,"2",[3]],"qty":"2"})",
      R"([[1,2],{"sku":{"a":[1, 2]}}])", R"({"sku":"\"\\\n\u00e9\ud83d\ude00","qty":1e2})",
      R"({"qty":null,"\"":-1.50})", R"([null,"a",-5])"},
     {},
     false,
     false},
    {"jd", "json", {"null", "5", "{\"a\" :\n 1}"}, {}, false, false},
    {"arr", "int[]", {"{}", "{1,NULL}", "{NULL}"}, {}, false, false},
    {"comp", "pair", {"(1,x)", "(,)"}, {}, false, false},
};

constexpr int kRows = 200;

std::string quoted_identifier(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

// The table, and what the server knows of it.
class Table {
 public:
  explicit Table(std::uint64_t seed) {
    database_.exec(R"sql(
      CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'a,b');
      CREATE DOMAIN mood_domain AS mood;
      CREATE DOMAIN amount AS numeric(20,5);
      CREATE TYPE pair AS (a bigint, b text);
      CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false))sql");
    std::string definition = "CREATE TABLE t (id int PRIMARY KEY";
    for (const auto& column : kColumns) {
      definition += ", " + quoted_identifier(column.name) + ' ' + column.type;
    }
    database_.exec(definition + "); SELECT ordercast.watch('t')");
    fill(seed);
    connection_ = database_.connect();
    stream_ = pg::read_catalog(*connection_)->at("t");
    (void)pg::read_rows(*connection_, {"t"}, [&](std::vector<SnapshotRow> page) {
      for (auto& row : page) rows_.emplace(std::move(row.key), std::move(row.row));
      return true;
    });
    for (const auto& [key, row] : rows_) split_.emplace_back(key, Row(row));
  }

  [[nodiscard]] const StreamInfo& stream() const { return stream_; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  [[nodiscard]] std::set<std::string> matched_here(const Filter& filter) const {
    std::set<std::string> keys;
    for (const auto& [key, row] : split_) {
      if (filter.matches(row)) keys.insert(key);
    }
    return keys;
  }

  [[nodiscard]] std::set<std::string> matched_by_postgresql(const Filter& filter) const {
    std::set<std::string> keys;
    (void)pg::read_rows(*connection_, {.stream = "t", .filter = filter},
                        [&](const std::vector<SnapshotRow>& page) {
                          for (const auto& row : page) keys.insert(row.key);
                          return true;
                        });
    return keys;
  }

  // In words: the filter, and a row that only one side chose.
  [[nodiscard]] std::string difference(const Filter& filter, const std::set<std::string>& here,
                                       const std::set<std::string>& there) const {
    std::vector<std::string> differing;
    std::set_symmetric_difference(here.begin(), here.end(), there.begin(), there.end(),
                                  std::back_inserter(differing));
    const auto& key = differing.front();
    return fmt::format("{} matches {} only: {}", filter.canonical(),
                       here.contains(key) ? "here" : "in PostgreSQL", rows_.at(key));
  }

  // Rows that needed_values() rules out though they match.
  [[nodiscard]] std::set<std::string> wrongly_ruled_out(const Filter& filter) const {
    std::set<std::string> keys;
    for (const auto& [key, row] : split_) {
      if (!filter.matches(row)) continue;
      for (const auto& [column, tokens] : filter.needed_values()) {
        const std::string token(*row.find(column));
        if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) keys.insert(key);
      }
    }
    return keys;
  }

 private:
  void fill(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto session = database_.connect();
    pqxx::work work(*session);
    for (int id = 1; id <= kRows; ++id) {
      std::string values = std::to_string(id);
      for (const auto& column : kColumns) {
        const auto pick = random() % (column.in_rows.size() + 1);
        values +=
            ", " + (pick == column.in_rows.size() ? "NULL" : work.quote(column.in_rows[pick]));
      }
      work.exec("INSERT INTO t VALUES (" + values + ")");
    }
    work.commit();
  }

  TestDatabase database_;
  std::unique_ptr<pqxx::connection> connection_;
  StreamInfo stream_;
  std::map<std::string, std::string> rows_;
  std::vector<std::pair<std::string, Row>> split_;
};

// --- Random filters, as clients write them ---

std::string in_quotes(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

rc::Gen<std::string> joined(rc::Gen<std::string> part, int most) {
  return rc::gen::map(rc::gen::resize(most, rc::gen::container<Texts>(std::move(part))),
                      [most](Texts parts) {
                        if (parts.size() > static_cast<std::size_t>(most))
                          parts.resize(static_cast<std::size_t>(most));
                        std::string all;
                        for (const auto& one : parts) all += one;
                        return all;
                      });
}

rc::Gen<std::string> like_patterns() {
  return joined(rc::gen::elementOf(Texts{"%", "*", "_", "a", "A", "b", "\\%", "\\_", "\\*", "\\\\",
                                         "\\a", "\u00e9", "\u00c9", "\u4e2d", "\n", ".", "[", "K"}),
                5);
}

rc::Gen<std::string> regular_expressions() {
  return rc::gen::exec([] {
    const auto atom = rc::gen::elementOf(
        Texts{"a",          "b",          "A",       ".",          "[ab]",   "[^a]",
              "[a-z]",      "[^\\s\\d]",  "[\\w.-]", "[\\]\\[^-]", "\u00e9", "[\u00e0-\u00ff]",
              "\\d",        "\\w",        "\\s",     "\\D",        "\\W",    "\\S",
              "(a|b)",      "(?:ab)",     "(^a|b$)", "\\.",        "\\\\",   "\\*",
              " ",          "_",          "\\_",     "]",          "}",      "%",
              "\U0001F600", "(a{1,2}|.)", "-",       ",",          "\n",     "\\^"});
    const auto repeated = rc::gen::exec([atom] {
      auto text = *atom;
      const bool counted = text.find('{') != std::string::npos;
      return text + *rc::gen::elementOf(
                        counted ? Texts{"", "*", "+", "?"}
                                : Texts{"", "", "", "*", "+", "?", "{2}", "{0,1}", "{1,}"});
    });
    auto pattern = *rc::gen::elementOf(Texts{"", "", "^"}) + *joined(repeated, 4);
    if (*rc::gen::inRange(0, 4) == 0) pattern += *repeated + "|" + *repeated;
    return pattern + *rc::gen::elementOf(Texts{"", "", "$"});
  });
}

// What follows the column: "eq.5". `nested`: within parentheses.
rc::Gen<std::string> operations(const TestColumn& column, bool nested) {
  return rc::gen::exec([&column, nested] {
    const auto& values = column.compared.empty() ? column.in_rows : column.compared;
    const auto value = [&](const std::string& text) { return nested ? in_quotes(text) : text; };
    std::string text = *rc::gen::elementOf(Texts{"", "", "not."});
    const auto kind = *rc::gen::inRange(0, column.textual ? 10 : 7);
    if (kind == 0 || !column.comparable) {
      text += column.name == "b"
                  ? *rc::gen::elementOf(Texts{"is.null", "is.true", "is.false", "is.unknown"})
                  : "is.null";
    } else if (kind == 1) {
      text += "in.(";
      const auto list = *rc::gen::nonEmpty(rc::gen::container<Texts>(rc::gen::elementOf(values)));
      for (std::size_t i = 0; i < list.size() && i < 5; ++i)
        text += (i == 0 ? "" : ",") + in_quotes(list[i]);
      text += ")";
    } else if (kind < 7) {
      text += *rc::gen::elementOf(Texts{"eq", "neq", "gt", "gte", "lt", "lte", "isdistinct"}) +
              "." + value(*rc::gen::elementOf(values));
    } else if (kind == 7) {
      text += "like." + value(*like_patterns());
    } else if (kind == 8) {
      text += "ilike." + value(*like_patterns());
    } else {
      text += "match." + value(*regular_expressions());
    }
    return text;
  });
}

const TestColumn kJsonText{
    "->>", "text", {"a", "A", "2", "10.0", "zero", "null", "-5", "1.50", "100"}, {}, true};
const TestColumn kJsonNumber{"->", "numeric", {"2", "10", "-1.5", "5", "100", "-5", "2.5"}};

rc::Gen<Parameter> conditions(bool nested) {
  return rc::gen::exec([nested] {
    const auto& column = kColumns[*rc::gen::inRange<std::size_t>(0, kColumns.size())];
    auto name = nested ? in_quotes(column.name) : column.name;
    const auto* compared = &column;
    if (column.name == "j" && *rc::gen::inRange(0, 5) > 0) {
      const auto steps = *rc::gen::resize(
          2, rc::gen::container<Texts>(rc::gen::elementOf(
                 Texts{"sku", "qty", "0", "1", "-1", "-3", "\"k.1\"", "\"0\"", "2", "\"\\\"\""})));
      const auto last =
          *rc::gen::elementOf(Texts{"sku", "qty", "0", "1", "-1", "2", "a", "\"0\"", "\"\\\"\""});
      const bool to_text = *rc::gen::arbitrary<bool>();
      for (const auto& step : steps) name += "->" + step;
      name += (to_text ? "->>" : "->") + last;
      compared = to_text ? &kJsonText : &kJsonNumber;
    }
    return Parameter{name, *operations(*compared, nested)};
  });
}

rc::Gen<std::string> items(int depth) {
  return rc::gen::exec([depth]() -> std::string {
    if (depth == 0 || *rc::gen::inRange(0, 3) > 0) {
      const auto condition = *conditions(true);
      return condition.name + "." + condition.value;
    }
    auto text =
        *rc::gen::elementOf(Texts{"and(", "or(", "not.and(", "not.or("}) + *items(depth - 1);
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) text += "," + *items(depth - 1);
    return text + ")";
  });
}

rc::Gen<Parameter> parameters() {
  return rc::gen::exec([] {
    if (*rc::gen::inRange(0, 3) > 0) return *conditions(false);
    auto text = "(" + *items(3);
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) text += "," + *items(3);
    return Parameter{*rc::gen::elementOf(Texts{"and", "or", "not.and", "not.or"}), text + ")"};
  });
}

// Filters of one to three parameters.
rc::Gen<Parameters> filters() {
  return rc::gen::exec([] {
    Parameters all{*parameters()};
    for (int more = *rc::gen::weightedElement<int>({{6, 0}, {2, 1}, {1, 2}}); more > 0; --more) {
      all.push_back(*parameters());
    }
    return all;
  });
}

TEST_CASE("A filter matches the same rows here and in PostgreSQL") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  const Table table(seed);
  REQUIRE(table.size() == kRows);

  constexpr int kFiltersEach = 3;  // of the hundred runs
  std::size_t pairs = 0;
  std::size_t matched = 0;
  rc::prop("as many random filters as rows are quick to ask", [&] {
    // Not made smaller on failure, which would take minutes: they are not large.
    const auto given =
        *rc::gen::noShrink(rc::gen::container<std::vector<Parameters>>(kFiltersEach, filters()));
    for (const auto& parameters : given) {
      const auto filter = Filter::parse(parameters, table.stream());
      const auto here = table.matched_here(filter);
      const auto there = table.matched_by_postgresql(filter);
      if (here != there) RC_FAIL(table.difference(filter, here, there));
      RC_ASSERT(table.wrongly_ruled_out(filter).empty());
      pairs += table.size();
      matched += here.size();
    }
  });
  INFO(pairs << " pairs of a row and a filter, " << matched << " matched");
  // Filters that match all or nothing would show little.
  CHECK(pairs > 50'000);
  CHECK(matched > pairs / 10);
  CHECK(matched < pairs * 9 / 10);
}

}  // namespace
}  // namespace ordercast
