#include "pg/revocation_watch.h"

#include <optional>
#include <utility>
#include <vector>

namespace ordercast::pg {
namespace {

constexpr char kChannel[] = "ordercast_revoked";

// The list and its number in one statement, so that they belong together; no row when it is the one
// that is known. Without a number (somebody has taken the row away) it is read each time.
//
// Times go upwards to a whole second, as tokens have them: one revocation too many is better than
// one too few. The bounds are those of a time of issue (auth/claims.cc); beyond them a clock of
// nanoseconds overflows.
constexpr char kListUnlessKnown[] = R"sql(
  SELECT coalesce(it.number, -1), r.id, r.jti, r.tenant,
         ceil(extract(epoch FROM greatest('1970-01-01 00:00Z', least('2255-04-01 00:00Z', r.issued_before))))::bigint
    FROM (SELECT (SELECT number FROM ordercast.revocation_changes) AS number) AS it
    LEFT JOIN ordercast.revocations AS r ON r.expires_at > now() - interval '1 hour'
   WHERE it.number IS DISTINCT FROM $1)sql";

template <typename T>
std::optional<T> value_of(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional(field.as<T>());
}

}  // namespace

RevocationWatch::RevocationWatch(pqxx::connection& connection, std::chrono::milliseconds interval)
    : notification_receiver(connection, kChannel), interval_(interval) {}

void RevocationWatch::operator()(const std::string& /*payload*/, int /*pid*/) {
  next_ = Time::min();
}

RevocationsPtr RevocationWatch::look(Time now) {
  if (now < next_) return nullptr;
  next_ = now + interval_;
  pqxx::nontransaction query(conn());
  const auto rows = query.exec_params(kListUnlessKnown, number_);
  if (rows.empty()) return nullptr;
  number_ = rows[0][0].as<std::int64_t>();
  std::vector<Revocation> all;
  for (const auto& row : rows) {
    if (row[1].is_null()) continue;  // of an empty list
    Revocation revocation{.token_id = value_of<std::string>(row[2]),
                          .tenant = value_of<std::string>(row[3])};
    if (const auto seconds = value_of<std::int64_t>(row[4])) {
      revocation.issued_before =
          std::chrono::system_clock::time_point(std::chrono::seconds(*seconds));
    }
    all.push_back(std::move(revocation));
  }
  return std::make_shared<const Revocations>(std::move(all));
}

}  // namespace ordercast::pg
