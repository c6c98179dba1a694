#include "http/stream_lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "http/json_error.h"

namespace ordercast::http {

Response unknown_stream(const std::string& name, const Grant& grant, const Catalog& catalog) {
  std::vector<std::string> known;
  for (const auto& [stream, info] : catalog) {
    if (lists(grant, info)) known.push_back(stream);
  }
  if (known.empty() && !catalog.empty()) {
    return json_error(404, "unknown_stream",
                      fmt::format("there is no stream '{}' for your token", name));
  }
  return json_error(404, "unknown_stream",
                    known.empty() ? "no table is watched yet: run `ordercast watch TABLE`"
                                  : fmt::format("there is no stream '{}'; the streams are: {}",
                                                name, fmt::join(known, ", ")));
}

Response database_away() {
  auto response = json_error(503, "database_down",
                             "The database cannot be asked now, or is too busy. Nothing was "
                             "written: try again in a few seconds.");
  response.headers.push_back({"Retry-After", "3"});
  return response;
}

std::variant<GrantedStream, Response> find_stream(const hub::Hub& hub, const Grant& grant,
                                                  const std::string& name) {
  const auto catalog = hub.catalog();
  if (!catalog->contains(name) && !hub.status().started) return database_away();
  return grant_stream(grant, name, *catalog);
}

}  // namespace ordercast::http
