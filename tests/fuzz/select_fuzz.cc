// Whatever a client sends as select= and events=: refused with its position, or what it selects is
// bounded, and a row with it is one JSON object, each column at most once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "core/event_kinds.h"
#include "core/filter_error.h"
#include "core/selection.h"

namespace {

using ordercast::EventKinds;
using ordercast::FilterError;
using ordercast::Row;
using ordercast::Selection;

void require(bool condition) {
  if (!condition) std::abort();
}

const ordercast::StreamInfo& stream() {
  static const ordercast::StreamInfo info{.name = "orders",
                                          .table = "public.orders",
                                          .key = {"id"},
                                          .columns = {{.name = "id", .type = "bigint"},
                                                      {.name = "a", .type = "text"},
                                                      {.name = "b\"\\ \n", .type = "text"}},
                                          .tenant = ""};
  return info;
}

void require_refused_or_bounded(std::string_view text) {
  try {
    const auto selection = Selection::parse(text, stream());
    if (selection.all()) return;
    std::string out;
    selection.append_row(out, Row(R"({"id":"1","a":"2","b\"\\ \n":"3"})"));
    const auto row = nlohmann::json::parse(out);
    std::set<std::string> values;
    for (const auto& value : row) require(values.insert(value.get<std::string>()).second);
    require(values.contains("1"));
  } catch (const FilterError& error) {
    require(error.position >= 1 && error.position <= text.size() + 1);
  }
}

void require_refused_or_named(std::string_view text) {
  try {
    const auto kinds = EventKinds::parse(text);
    require(!kinds.all() && !kinds.has("reset"));
    require(EventKinds::parse(kinds.canonical()).canonical() == kinds.canonical());
  } catch (const FilterError& error) {
    require(error.position >= 1 && error.position <= text.size() + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require_refused_or_bounded(input);
  require_refused_or_named(input);
  return 0;
}
