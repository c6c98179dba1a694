// Whatever a client sends as a filter, NAME=VALUE&NAME=VALUE…, not percent-encoded: refused with a
// position within the value, or a filter that says the same when it is said twice and can be asked
// of any row.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter.h"
#include "core/order_by.h"

namespace {

using ordercast::Filter;
using ordercast::FilterError;
using ordercast::Parameter;
using ordercast::Row;

void require(bool condition) {
  if (!condition) std::abort();
}

const ordercast::StreamInfo& stream() {
  static const ordercast::StreamInfo info{
      .name = "orders",
      .table = "public.orders",
      .key = {"i"},
      .columns = {{"i", "integer", "integer"},
                  {"n", "numeric", "numeric"},
                  {"r", "real", "real"},
                  {"t", "text", "text"},
                  {"c", "character(3)", "character"},
                  {"e", "mood", "mood", {"sad", "ok"}},
                  {"u", "uuid", "uuid"},
                  {"d", "date", "date"},
                  {"s", "timestamp with time zone", "timestamp with time zone"},
                  {"j", "jsonb", "jsonb"}},
      .tenant = ""};
  return info;
}

const std::array<Row, 2>& rows() {
  static const std::array<Row, 2> all{
      Row(R"({"i":1,"n":"1.50","r":0.1,"t":"a\"\n\u0001\\","c":"a  ","e":"ok",)"
          R"("u":"00000000-0000-0000-0000-0000000000ff","d":"0044-03-15 BC",)"
          R"("s":"294276-12-31T23:59:59.999999+00:00","j":{"a": [1, {"b": "x"}, [[]]], "0": -1.5}})"),
      Row(R"({"i":null,"n":"NaN","r":"-Infinity","t":"","j":null})")};
  return all;
}

void require_refused_or_sound(std::vector<Parameter> parameters) {
  try {
    const auto filter = Filter::parse(parameters, stream());
    for (const auto& row : rows()) (void)filter.matches(row);
    for (const auto& [column, tokens] : filter.needed_values()) {
      for (const auto& row : rows()) {
        if (!filter.matches(row)) continue;
        const auto token = row.find(column);
        require(token && std::find(tokens.begin(), tokens.end(), *token) != tokens.end());
      }
    }
    if (parameters.size() > Filter::kMaxConditions / 2) return;
    const auto once = parameters;
    parameters.insert(parameters.end(), once.begin(), once.end());
    require(Filter::parse(parameters, stream()).canonical() == filter.canonical());
  } catch (const FilterError& error) {
    if (std::string_view(error.what()).find("conditions") != std::string_view::npos) return;
    bool within = false;
    for (const auto& parameter : parameters) {
      within |= parameter.name == error.parameter && error.position <= parameter.value.size() + 1;
    }
    require(within);
  }
}

void require_refused_or_order(std::string_view text) {
  try {
    require(!ordercast::OrderBy::parse({"order", std::string(text)}, stream()).empty());
  } catch (const FilterError& error) {
    require(error.position >= 1 && error.position <= text.size() + 1);
  }
}

std::vector<Parameter> parameters_of(std::string_view query) {
  std::vector<Parameter> parameters;
  for (std::size_t start = 0; start < query.size();) {
    const auto end = std::min(query.find('&', start), query.size());
    const auto pair = query.substr(start, end - start);
    const auto equals = std::min(pair.find('='), pair.size());
    parameters.push_back({std::string(pair.substr(0, equals)),
                          std::string(pair.substr(std::min(equals + 1, pair.size())))});
    start = end + 1;
  }
  return parameters;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require_refused_or_sound(parameters_of(input));
  require_refused_or_order(input);
  return 0;
}
