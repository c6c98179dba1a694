#include "http/row_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "http/json_error.h"

namespace ordercast::http {
namespace {

// A column of such a name is filtered by and=(limit.eq.3).
constexpr std::array<std::string_view, 10> kOfStreams = {
    "select", "events", "snapshot",  "since",         "until",
    "event",  "seq",    "heartbeat", "last_event_id", "lastEventId"};

}  // namespace

RowParameters parse_row_parameters(const Request& request, const GrantedStream& granted,
                                   RowsOf rows_of) {
  const StreamInfo& stream = granted.info;
  RowParameters parsed{.conditions = {}, .query = {.stream = stream.name}};
  std::set<std::string_view> seen;
  for (const auto& parameter : request.params) {
    const auto& name = parameter.name;
    const bool of_streams =
        std::find(kOfStreams.begin(), kOfStreams.end(), name) != kOfStreams.end();
    if (!of_streams && name != "order" && name != "limit") {
      parsed.conditions.push_back(parameter);
      continue;
    }
    // Which of the two was meant?
    if (!seen.insert(name).second) {
      throw FilterError(parameter, 0, "it is there twice: leave one of them out");
    }
    if (of_streams && rows_of == RowsOf::kList) {
      throw FilterError(parameter, 0,
                        fmt::format("it is of streams, not of lists; a column of that name is "
                                    "asked for by and=({}.eq.…)",
                                    name));
    }
    if (name == "order") parsed.query.order = OrderBy::parse(parameter, stream);
    if (name == "limit") parsed.query.limit = parse_limit(parameter, stream);
  }
  parsed.query.filter =
      Filter::both(granted.scope.filter, Filter::parse(parsed.conditions, stream));
  parsed.query.tenant = granted.scope.tenant;
  return parsed;
}

Response bad_parameter(const FilterError& error) {
  std::vector<ErrorMember> more{{"parameter", json_string(error.parameter)}};
  if (error.position > 0) more.push_back({"position", std::to_string(error.position)});
  return json_error(400, "bad_parameter", error.what(), more);
}

}  // namespace ordercast::http
