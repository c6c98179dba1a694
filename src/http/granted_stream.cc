#include "http/granted_stream.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/filter_error.h"
#include "http/json_error.h"
#include "http/request_target.h"
#include "http/stream_lookup.h"

namespace ordercast::http {
namespace {

bool names(const Grant& grant, const std::string& stream) {
  return !grant.streams ||
         std::find(grant.streams->begin(), grant.streams->end(), stream) != grant.streams->end();
}

void hide_columns(const Grant& grant, StreamInfo& stream) {
  if (grant.columns.empty()) return;
  std::erase_if(stream.columns, [&](const Column& column) {
    const auto is_in = [&](const std::vector<std::string>& some) {
      return std::find(some.begin(), some.end(), column.name) != some.end();
    };
    return !is_in(grant.columns) && !is_in(stream.key);
  });
}

// Throws FilterError, also when it is no query. It may ask for columns that the grant hides.
Filter filter_of(const Grant& grant, const StreamInfo& stream) {
  if (grant.filter.empty()) return {};
  const auto target = parse_request_target("/?" + grant.filter);
  const auto* query = std::get_if<RequestTarget>(&target);
  if (query == nullptr) throw FilterError({"filter", grant.filter}, 0, "it is no query");
  return Filter::parse(query->params, stream);
}

}  // namespace

std::string GrantedStream::shown(const std::string& row) const {
  if (columns.all()) return row;
  std::string text;
  columns.append_row(text, Row(row));
  return text;
}

bool lists(const Grant& grant, const StreamInfo& stream) {
  return names(grant, stream.name) && (!grant.tenant || !stream.tenant.empty());
}

std::variant<GrantedStream, Response> grant_stream(const Grant& grant, const std::string& name,
                                                   const Catalog& catalog) {
  const auto found = catalog.find(name);
  if (found == catalog.end() || !names(grant, name)) return unknown_stream(name, grant, catalog);
  const StreamInfo& whole = found->second;
  GrantedStream granted{.info = whole};
  try {
    if (grant.tenant) granted.scope.tenant = Tenant::of(whole, *grant.tenant);
    granted.scope.filter = filter_of(grant, whole);
  } catch (const NotDivided& refused) {
    return json_error(403, "not_divided", refused.what());
  } catch (const FilterError& error) {
    spdlog::error("the filter of a token of '{}' is none for the stream {}: {}", grant.subject,
                  name, error.what());
    return json_error(403, "bad_grant", "The filter of your token is none for this stream.");
  }
  hide_columns(grant, granted.info);
  if (!grant.columns.empty()) granted.columns = Selection::all_of(granted.info);
  return granted;
}

}  // namespace ordercast::http
