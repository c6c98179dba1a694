#include "http/order_desk_handler.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/cursor.h"
#include "core/row.h"
#include "http/desk_answers.h"
#include "http/entity_tag.h"
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

ListWish list_wish(const Request& request, const StreamInfo& stream) {
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

Response list(const Desks& desks, const Request& request, const StreamInfo& stream) {
  ListWish wish;
  try {
    wish = list_wish(request, stream);
  } catch (const FilterError& error) {
    return bad_parameter(error);
  }
  std::string rows;
  std::string too_large;  // the key of the first such row
  std::size_t count = 0;
  const auto epoch = desks.hub.status().head.epoch;
  const auto position =
      desks.history.read_rows(epoch, wish.query, [&](const std::vector<SnapshotRow>& page) {
        for (const auto& [key, row] : page) {
          if (++count > wish.limit || rows.size() > kMostRowBytes || !too_large.empty()) break;
          if (row.empty()) too_large = key;
          rows += (rows.empty() ? "" : ",") + row;
        }
        return rows.size() <= kMostRowBytes && count <= wish.limit && too_large.empty();
      });
  if (!too_large.empty()) {
    return json_error(400, "rows_too_large",
                      fmt::format("The row {} has more than 1 MiB: ask for it by itself, or leave "
                                  "it out with a filter.",
                                  too_large));
  }
  if (rows.size() > kMostRowBytes) {
    return json_error(400, "rows_too_large",
                      fmt::format("These rows have more than {} MiB: ask for fewer with limit.",
                                  kMostRowBytes >> 20));
  }
  // RFC 5989: where changes of this can be watched.
  const auto link = fmt::format("</v1/streams/{}?last_event_id={}{}>; rel=\"monitor\"", stream.name,
                                Cursor{epoch, position}.encode(), wish.stream_query);
  return {.body = fmt::format(R"({{"rows":[{}],"more":{}}})"
                              "\n",
                              rows, count > wish.limit),
          .headers = {{"Cache-Control", "no-store"}, {"Link", link}}};
}

Response row_answer(int status, const DeskRow& row) {
  return {.status = status,
          .body = fmt::format("{{\"row\":{}}}\n", row.row),
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

Response find(const Desks& desks, const Request& request, const StreamInfo& stream) {
  if (auto refusal = refuse_key(stream)) return std::move(*refusal);
  const auto& id = request.path_parameter;
  const auto row = desks.desk.find(desks.hub.status().head.epoch, stream.name, {id});
  return row ? row_answer(200, *row) : no_such_row(id);
}

Response changed_meanwhile(const DeskRow& now) {
  auto response = json_error(412, "changed",
                             "The order is no longer what If-Match expects: `row` is what it is "
                             "now. Look, and try again with its ETag.",
                             {{"row", now.row}});
  response.headers.push_back({"ETag", entity_tag(now.tag)});
  return response;
}

Response written(int status, const std::string& id, const WriteResult& result) {
  if (const auto* row = std::get_if<DeskRow>(&result)) return row_answer(status, *row);
  if (const auto* now = std::get_if<RowChanged>(&result)) return changed_meanwhile(now->now);
  if (std::holds_alternative<RowMissing>(result)) return no_such_row(id);
  return refused_by_database(std::get<DatabaseRefusal>(result));
}

Response insert(const Desks& desks, const Request& request, const StreamInfo& stream) {
  const auto result = desks.desk.insert(desks.hub.status().head.epoch, stream.name, request.body);
  auto response = written(201, {}, result);
  const auto* row = std::get_if<DeskRow>(&result);
  if (row != nullptr && row->key.size() == 1) {
    response.headers.push_back({"Location", "/v1/orders/" + percent_encode(row->key[0])});
  }
  return response;
}

Response update(const Desks& desks, const Request& request, const StreamInfo& stream) {
  if (auto refusal = refuse_key(stream)) return std::move(*refusal);
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
  return written(
      200, id,
      desks.desk.update(desks.hub.status().head.epoch, stream.name, {id}, tags, request.body));
}

using Serve = Response (*)(const Desks&, const Request&, const StreamInfo&);

Response serve(const Desks& desks, const Request& request, Serve serve) {
  const auto stream = find_stream(desks.hub, kStream);
  if (const auto* response = std::get_if<Response>(&stream)) return *response;
  try {
    return serve(desks, request, std::get<StreamInfo>(stream));
  } catch (const HistoryUnavailable&) {
    return database_away();
  } catch (const OutcomeUnknown&) {
    return outcome_unknown();
  }
}

}  // namespace

void add_order_desk_routes(Server& server, hub::Hub& hub, HistoryReader& history, Desk& desk,
                           bool writable) {
  const Desks desks{hub, history, desk};
  const auto reading = [&](std::string_view pattern, Serve how) {
    server.route("GET", pattern,
                 [desks, how](const Request& request) { return serve(desks, request, how); });
  };
  const auto writing = [&](std::string_view method, std::string_view pattern, Serve how) {
    server.route(method, pattern, [desks, how, writable](const Request& request) {
      if (!writable) return desk_closed();
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
