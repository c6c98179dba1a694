#include "pg/database_desk.h"

#include <algorithm>
#include <utility>

#include "core/history_reader.h"
#include "pg/connection.h"

namespace ordercast::pg {
namespace {

// For a turn at the one connection: a statement takes milliseconds, so who waits that long waits
// on locks, and had better try again than fill the server with threads.
constexpr std::chrono::seconds kTurn{5};
// For a row that another transaction holds, and for the whole statement: below kAnswerLimit, so
// that PostgreSQL says what was the matter before the watchdog cuts the connection.
constexpr char kLimits[] = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '8s';";
// The shop's own triggers run in here: with the search_path and the planner that its role has.
constexpr char kAsTheShop[] =
    "SET LOCAL search_path TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT;";

// How often a write is tried again that another transaction got in the way of.
constexpr int kRetries = 3;

std::string text_of(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

std::vector<std::string> texts_of(const pqxx::field& field) {
  std::vector<std::string> texts;
  auto parser = field.as_array();
  for (auto item = parser.get_next(); item.first != pqxx::array_parser::done;
       item = parser.get_next()) {
    if (item.first == pqxx::array_parser::string_value) texts.push_back(std::move(item.second));
  }
  return texts;
}

// As PostgreSQL reads arrays of text: each element in quotes, \ before " and \.
std::string array_literal(const std::vector<std::string>& texts) {
  std::string literal = "{";
  for (const auto& text : texts) {
    if (literal.size() > 1) literal += ',';
    literal += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
  }
  return literal + '}';
}

// Two transactions met in an unlucky order; alone, this one will pass.
bool worth_a_retry(const std::optional<WriteResult>& result) {
  if (!result) return true;
  const auto* refusal = std::get_if<DatabaseRefusal>(&*result);
  return refusal != nullptr && (refusal->code == "40001" || refusal->code == "40P01");
}

template <typename Answer>
bool may_stay(const Answer&) {
  return true;
}
bool may_stay(const std::optional<WriteResult>& result) {
  return !result || !std::holds_alternative<RowForbidden>(*result);
}

const char* value_of(const RowScope& scope) {
  return scope.tenant ? scope.tenant->value.c_str() : nullptr;
}

// What policies of the shop's own tables can ask for: current_setting('ordercast.tenant', true).
void name_tenant(pqxx::work& work, const std::optional<std::string>& tenant) {
  if (tenant) work.exec_params("SELECT set_config('ordercast.tenant', $1, true)", *tenant);
}

std::optional<DeskRow> find_row(pqxx::work& work, const std::string& stream,
                                const std::vector<std::string>& key, const RowScope& scope) {
  const auto found = work.exec_params1(
      "SELECT \"row\", tag, row_tenant FROM ordercast.present_row($1, $2::text[], $3)", stream,
      array_literal(key), value_of(scope));
  if (found[0].is_null()) return std::nullopt;
  DeskRow row{key, text_of(found[0]), text_of(found[1])};
  // Each by itself: the row's JSON, and what PostgreSQL says of the row.
  if (!scope.has(row.row)) return std::nullopt;
  if (scope.tenant && scope.tenant->value != text_of(found[2])) return std::nullopt;
  return row;
}

WriteResult result_of(const pqxx::row& row) {
  const auto outcome = text_of(row["outcome"]);
  if (outcome == "missing") return RowMissing{};
  if (outcome == "refused") {
    return DatabaseRefusal{text_of(row["code"]), text_of(row["message"]), text_of(row["hint"]),
                           text_of(row["constraint_name"])};
  }
  DeskRow now{texts_of(row["key"]), text_of(row["row"]), text_of(row["tag"])};
  if (outcome == "changed") return RowChanged{std::move(now)};
  return now;
}

}  // namespace

template <typename Ask>
auto DatabaseDesk::transact(const Epoch& epoch, Ask ask) {
  const auto lease = pool_.lease(epoch, kTurn);
  try {
    const Watchdog::Watch watch(watchdog_, **lease, kAnswerLimit);
    pqxx::work work(**lease);
    work.exec(kLimits);
    auto answer = ask(work);
    if (may_stay(answer)) work.commit();
    return answer;
  } catch (const pqxx::in_doubt_error& error) {
    lease->discard();
    throw OutcomeUnknown(error.what());
  } catch (const pqxx::broken_connection& error) {
    lease->discard();
    throw HistoryUnavailable(error.what());
  } catch (const pqxx::sql_error& error) {
    lease->discard();
    constexpr std::string_view kCancelled = "57014";
    if (error.sqlstate() == kCancelled) throw HistoryUnavailable(error.what());
    throw;
  } catch (...) {
    lease->discard();
    throw;
  }
}

std::optional<DeskRow> DatabaseDesk::find(const Epoch& epoch, std::string_view stream,
                                          const std::vector<std::string>& key,
                                          const RowScope& scope) {
  return transact(
      epoch, [&](pqxx::work& work) { return find_row(work, std::string(stream), key, scope); });
}

struct DatabaseDesk::Write {
  std::string stream;
  const std::vector<std::string>* key;   // null: a new row
  const std::vector<std::string>* tags;  // null: whatever the row is
  std::string columns;
  const RowScope& scope;
};

WriteResult DatabaseDesk::insert(const Epoch& epoch, std::string_view stream,
                                 std::string_view columns, const RowScope& scope) {
  return write(epoch, {std::string(stream), nullptr, nullptr, std::string(columns), scope});
}

WriteResult DatabaseDesk::update(const Epoch& epoch, std::string_view stream,
                                 const std::vector<std::string>& key,
                                 const std::optional<std::vector<std::string>>& tags,
                                 std::string_view columns, const RowScope& scope) {
  return write(epoch,
               {std::string(stream), &key, tags ? &*tags : nullptr, std::string(columns), scope});
}

WriteResult DatabaseDesk::write(const Epoch& epoch, const Write& write) {
  const auto once = [&] {
    return transact(epoch, [&](pqxx::work& work) { return try_write(work, write); });
  };
  auto result = once();
  for (int again = 0; worth_a_retry(result) && again < kRetries; ++again) result = once();
  if (!result) throw HistoryUnavailable("the row is changed again and again");
  return *std::move(result);
}

std::optional<WriteResult> DatabaseDesk::try_write(pqxx::work& work, const Write& write) {
  const RowScope& scope = write.scope;
  if (scope.tenant) name_tenant(work, scope.tenant->value);
  auto tags = write.tags ? std::optional(*write.tags) : std::nullopt;
  if (write.key && !scope.all()) {
    // Whose the row is was not locked: so it is to be written as it was found, or not at all.
    const auto found = find_row(work, write.stream, *write.key, scope);
    if (!found) return RowMissing{};
    if (tags && std::find(tags->begin(), tags->end(), found->tag) == tags->end()) {
      return RowChanged{*found};
    }
    tags = {found->tag};
  }
  const auto key = write.key ? array_literal(*write.key) : std::string();
  const auto expected = tags ? array_literal(*tags) : std::string();
  work.exec(kAsTheShop);
  auto result = result_of(work.exec_params1(
      "SELECT * FROM ordercast.write_row($1, $2::text[], $3::text[], $4)", write.stream,
      write.key ? key.c_str() : nullptr, tags ? expected.c_str() : nullptr, write.columns));
  if (const auto* row = std::get_if<DeskRow>(&result); row != nullptr && !scope.has(row->row)) {
    return RowForbidden{};
  }
  if (!scope.all() && std::holds_alternative<RowChanged>(result)) return std::nullopt;
  return result;
}

std::variant<std::int64_t, DatabaseRefusal> DatabaseDesk::publish(
    const Epoch& epoch, std::string_view stream, std::string_view event, std::string_view data,
    const std::optional<std::string>& tenant) {
  using Result = std::variant<std::int64_t, DatabaseRefusal>;
  return transact(epoch, [&](pqxx::work& work) -> Result {
    name_tenant(work, tenant);
    const auto row = work.exec_params1("SELECT * FROM ordercast.post_message($1, $2, $3, $4)",
                                       std::string(stream), std::string(event), std::string(data),
                                       tenant ? tenant->c_str() : nullptr);
    if (!row["seq"].is_null()) return row["seq"].as<std::int64_t>();
    return DatabaseRefusal{text_of(row["code"]), text_of(row["message"]), text_of(row["hint"]), {}};
  });
}

LogReach DatabaseDesk::reach(const Epoch& epoch) {
  return transact(epoch, [](pqxx::work& work) {
    const auto row = work.exec1(
        "SELECT date_part('epoch', keep_age)::bigint, keep_bytes, bytes,"
        "  to_char(oldest_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
        "  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        "  FROM ordercast.retention()");
    LogReach reach{.keep_seconds = row[0].as<std::int64_t>(),
                   .keep_bytes = std::nullopt,
                   .bytes = row[2].as<std::int64_t>(),
                   .oldest = std::nullopt,
                   .now = text_of(row[4])};
    if (!row[1].is_null()) reach.keep_bytes = row[1].as<std::int64_t>();
    if (!row[3].is_null()) reach.oldest = text_of(row[3]);
    return reach;
  });
}

}  // namespace ordercast::pg
