#include "pg/database_desk.h"

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
bool worth_a_retry(const WriteResult& result) {
  const auto* refusal = std::get_if<DatabaseRefusal>(&result);
  return refusal != nullptr && (refusal->code == "40001" || refusal->code == "40P01");
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
    work.commit();
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
                                          const std::vector<std::string>& key) {
  return transact(epoch, [&](pqxx::work& work) -> std::optional<DeskRow> {
    const auto found =
        work.exec_params1("SELECT \"row\", tag FROM ordercast.present_row($1, $2::text[])",
                          std::string(stream), array_literal(key));
    if (found[0].is_null()) return std::nullopt;
    return DeskRow{key, text_of(found[0]), text_of(found[1])};
  });
}

WriteResult DatabaseDesk::insert(const Epoch& epoch, std::string_view stream,
                                 std::string_view columns) {
  return write(epoch, stream, nullptr, nullptr, columns);
}

WriteResult DatabaseDesk::update(const Epoch& epoch, std::string_view stream,
                                 const std::vector<std::string>& key,
                                 const std::optional<std::vector<std::string>>& tags,
                                 std::string_view columns) {
  const auto expected = tags ? array_literal(*tags) : std::string();
  return write(epoch, stream, array_literal(key).c_str(), tags ? expected.c_str() : nullptr,
               columns);
}

WriteResult DatabaseDesk::write(const Epoch& epoch, std::string_view stream, const char* key,
                                const char* tags, std::string_view columns) {
  const auto once = [&] {
    return transact(epoch, [&](pqxx::work& work) {
      work.exec(kAsTheShop);
      return result_of(
          work.exec_params1("SELECT * FROM ordercast.write_row($1, $2::text[], $3::text[], $4)",
                            std::string(stream), key, tags, std::string(columns)));
    });
  };
  auto result = once();
  return worth_a_retry(result) ? once() : result;
}

std::variant<std::int64_t, DatabaseRefusal> DatabaseDesk::publish(const Epoch& epoch,
                                                                  std::string_view stream,
                                                                  std::string_view event,
                                                                  std::string_view data) {
  using Result = std::variant<std::int64_t, DatabaseRefusal>;
  return transact(epoch, [&](pqxx::work& work) -> Result {
    const auto row = work.exec_params1("SELECT * FROM ordercast.post_message($1, $2, $3)",
                                       std::string(stream), std::string(event), std::string(data));
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
