#include "http/order_desk_handler.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/cursor.h"
#include "core/json_text.h"
#include "core/row.h"
#include "core/whose.h"
#include "http/desk_answers.h"
#include "http/entity_tag.h"
#include "http/guarded_library.h"
#include "http/json_error.h"
#include "http/percent.h"
#include "http/row_parameters.h"
#include "http/stream_lookup.h"
#include "http/write_guard.h"

namespace ordercast::http {
namespace {

constexpr char kStream[] = "orders";

struct Desks {
  hub::Hub& hub;
  HistoryReader& history;
  Desk& desk;
};

// What a query of GET /v1/orders asks for, and the part of it that its stream has, too.
struct ListWish {
  RowQuery query;
  std::size_t limit = kDefaultRows;
  std::string stream_query;  // "&status=eq.paid": conditions, encoded
};

ListWish list_wish(const Request& request, const GrantedStream& stream) {
  auto [conditions, query] = parse_row_parameters(request, stream, RowsOf::kList);
  if (query.limit > static_cast<std::int64_t>(kMostRows)) {
    throw FilterError({"limit", std::to_string(*query.limit)}, 0,
                      fmt::format("at most {} at once", kMostRows));
  }
  ListWish wish{.query = std::move(query), .limit = kDefaultRows, .stream_query = {}};
  if (wish.query.limit) wish.limit = static_cast<std::size_t>(*wish.query.limit);
  // One more tells whether there are more.
  wish.query.limit = static_cast<std::int64_t>(wish.limit + 1);
  for (const auto& [name, value] : conditions) {
    wish.stream_query += "&" + percent_encode(name) + "=" + percent_encode(value);
  }
  return wish;
}

// Rows of another tenant: see hub::Traffic.
Response withheld(const Desks& desks, const GrantedStream& stream) {
  desks.hub.traffic().withheld.add();
  spdlog::error("rows of another tenant were about to be listed of {}, and were not",
                stream.info.name);
  return internal_error();
}

Response list(const Desks& desks, const Request& request, const GrantedStream& stream) {
  ListWish wish;
  try {
    wish = list_wish(request, stream);
  } catch (const FilterError& error) {
    return bad_parameter(error);
  }
  std::string rows;
  bool too_large = false;  // a row among them is
  std::size_t count = 0;
  auto whose = Whose::everybody();
  const auto epoch = desks.hub.status().head.epoch;
  const auto position =
      desks.history.read_rows(epoch, wish.query, [&](const std::vector<SnapshotRow>& page) {
        for (const auto& [key, row, tenant] : page) {
          too_large = too_large || row.empty();
          if (too_large || !stream.scope.has(row)) continue;
          if (++count > wish.limit || rows.size() > kMostRowBytes) break;
          rows += (rows.empty() ? "" : ",") + stream.shown(row);
          whose.add_row(tenant);
        }
        return rows.size() <= kMostRowBytes && count <= wish.limit && !too_large;
      });
  if (too_large) {
    return json_error(
        400, "rows_too_large",
        "One of these rows has more than 1 MiB: leave it out with a filter, or ask for "
        "it by itself.");
  }
  if (rows.size() > kMostRowBytes) {
    return json_error(400, "rows_too_large",
                      fmt::format("These rows have more than {} MiB: ask for fewer with limit.",
                                  kMostRowBytes >> 20));
  }
  if (!whose.may_go_to(request.grant->tenant)) return withheld(desks, stream);
  // RFC 5989: where changes of this can be watched.
  const auto link =
      fmt::format("</v1/streams/{}?last_event_id={}{}>; rel=\"monitor\"", stream.info.name,
                  Cursor{epoch, position}.encode(), wish.stream_query);
  return {.body = fmt::format(R"({{"rows":[{}],"more":{}}})"
                              "\n",
                              rows, count > wish.limit),
          .headers = {{"Cache-Control", "no-store"}, {"Link", link}}};
}

Response row_answer(int status, const DeskRow& row, const GrantedStream& stream) {
  return {.status = status,
          .body = fmt::format("{{\"row\":{}}}\n", stream.shown(row.row)),
          .headers = {{"Cache-Control", "no-store"}, {"ETag", entity_tag(row.tag)}}};
}

Response no_such_row(const std::string& id) {
  return json_error(404, "unknown_order", fmt::format("there is no order '{}'", id));
}

// The desk finds a row by one segment of the path.
std::optional<Response> refuse_key(const StreamInfo& stream) {
  if (stream.key.size() == 1) return std::nullopt;
  return json_error(409, "composite_key",
                    fmt::format("The key of '{0}' has {1} columns, a path names one value. Filter "
                                "instead: GET /v1/orders?{2}=eq.…",
                                stream.name, stream.key.size(), fmt::join(stream.key, "=eq.…&")));
}

Response find(const Desks& desks, const Request& request, const GrantedStream& stream) {
  if (auto refusal = refuse_key(stream.info)) return std::move(*refusal);
  const auto& id = request.path_parameter;
  const auto row =
      desks.desk.find(desks.hub.status().head.epoch, stream.info.name, {id}, stream.scope);
  return row ? row_answer(200, *row, stream) : no_such_row(id);
}

Response changed_meanwhile(const DeskRow& now, const GrantedStream& stream) {
  auto response = json_error(412, "changed",
                             "The order is no longer what If-Match expects: `row` is what it is "
                             "now. Look, and try again with its ETag.",
                             {{"row", stream.shown(now.row)}});
  response.headers.push_back({"ETag", entity_tag(now.tag)});
  return response;
}

Response outside_grant() {
  return json_error(403, "outside_grant",
                    "The order would be one that your token does not let you see. Nothing was "
                    "written.");
}

Response written(int status, const std::string& id, const WriteResult& result,
                 const GrantedStream& stream) {
  if (const auto* row = std::get_if<DeskRow>(&result)) return row_answer(status, *row, stream);
  if (const auto* now = std::get_if<RowChanged>(&result)) {
    return changed_meanwhile(now->now, stream);
  }
  if (std::holds_alternative<RowMissing>(result)) return no_such_row(id);
  if (std::holds_alternative<RowForbidden>(result)) return outside_grant();
  return refused_by_database(std::get<DatabaseRefusal>(result));
}

// Columns that the grant hides are none of the stream's. One that says whose row it is may be
// named, but not another's; that none comes about in another way, the desk looks after.
std::optional<Response> refuse_columns(const std::string& body, const GrantedStream& stream) {
  const auto& tenant = stream.scope.tenant;
  const Row columns(body);
  if (!stream.columns.all()) {
    std::string scratch;
    for (const auto& member : columns.members()) {
      const auto name = json_text(member.name, scratch);
      const auto known = std::any_of(stream.info.columns.begin(), stream.info.columns.end(),
                                     [&](const Column& column) { return column.name == name; });
      if (!known) {
        return json_error(422, "unknown_column", fmt::format("the stream has no column {}", name));
      }
    }
  }
  if (!tenant) return std::nullopt;
  const auto named = columns.find(tenant->column);
  if (!named || *named == tenant->token || *named == json_token(tenant->value)) return std::nullopt;
  return outside_grant();
}

// The columns of a new row, which is the tenant's whether they say so or not.
std::string with_tenant(const std::string& body, const std::optional<Tenant>& tenant) {
  const Row columns(body);
  if (!tenant || columns.find(tenant->column)) return body;
  auto text = fmt::format("{{{}:{}", json_token(tenant->column), tenant->token);
  for (const auto& [name, value] : columns.members()) text += fmt::format(",{}:{}", name, value);
  return text + "}";
}

Response insert(const Desks& desks, const Request& request, const GrantedStream& stream) {
  if (auto refusal = refuse_columns(request.body, stream)) return std::move(*refusal);
  const auto result =
      desks.desk.insert(desks.hub.status().head.epoch, stream.info.name,
                        with_tenant(request.body, stream.scope.tenant), stream.scope);
  auto response = written(201, {}, result, stream);
  const auto* row = std::get_if<DeskRow>(&result);
  if (row != nullptr && row->key.size() == 1) {
    response.headers.push_back({"Location", "/v1/orders/" + percent_encode(row->key[0])});
  }
  return response;
}

Response update(const Desks& desks, const Request& request, const GrantedStream& stream) {
  if (auto refusal = refuse_key(stream.info)) return std::move(*refusal);
  if (auto refusal = refuse_columns(request.body, stream)) return std::move(*refusal);
  if (Row(request.body).members().empty()) {
    return json_error(422, "nothing_to_change", "The body names no column to change.");
  }
  std::optional<std::vector<std::string>> tags;
  if (const auto header = request.header("If-Match")) {
    auto wanted = parse_if_match(*header);
    if (!wanted) {
      return json_error(400, "bad_if_match", "If-Match is an ETag in its quotes, a list, or *.");
    }
    if (!wanted->any) tags = std::move(wanted->tags);
  }
  const auto& id = request.path_parameter;
  return written(200, id,
                 desks.desk.update(desks.hub.status().head.epoch, stream.info.name, {id}, tags,
                                   request.body, stream.scope),
                 stream);
}

using Serve = Response (*)(const Desks&, const Request&, const GrantedStream&);

Response serve(const Desks& desks, const Request& request, Serve serve) {
  const auto stream = find_stream(desks.hub, *request.grant, kStream);
  if (const auto* response = std::get_if<Response>(&stream)) return *response;
  try {
    return serve(desks, request, std::get<GrantedStream>(stream));
  } catch (const HistoryUnavailable&) {
    return database_away();
  } catch (const OutcomeUnknown&) {
    return outcome_unknown();
  }
}

}  // namespace

void add_order_desk_routes(Server& server, hub::Hub& hub, HistoryReader& history, Desk& desk) {
  const Desks desks{hub, history, desk};
  const auto reading = [&](std::string_view pattern, Serve how) {
    server.route("GET", pattern,
                 [desks, how](const Request& request) { return serve(desks, request, how); });
  };
  const auto writing = [&](std::string_view method, std::string_view pattern, Serve how) {
    server.route(method, pattern, [desks, how](const Request& request) {
      if (auto refusal = refuse_write(request)) return std::move(*refusal);
      return serve(desks, request, how);
    });
  };
  reading("/v1/orders", list);
  reading("/v1/orders/{id}", find);
  writing("POST", "/v1/orders", insert);
  writing("PATCH", "/v1/orders/{id}", update);
}

}  // namespace ordercast::http
