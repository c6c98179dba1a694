#include "pg/revocation_queries.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ordercast::pg {
namespace {

template <typename T>
std::optional<T> value_of(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional(field.as<T>());
}

}  // namespace

RevocationsPtr read_revocations(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  std::vector<Revocation> all;
  // Upwards to a whole second, as tokens have it: one revocation too many is better than one too
  // few. The bounds are those of a time of issue (auth/claims.cc); beyond them a clock of
  // nanoseconds overflows.
  for (const auto& row : query.exec(
           "SELECT jti, tenant,"
           "       ceil(extract(epoch FROM greatest('1970-01-01 00:00Z', least('2255-04-01 00:00Z',"
           "                                 issued_before))))::bigint"
           "  FROM ordercast.revocations WHERE expires_at > now() - interval '1 hour'")) {
    Revocation revocation{.token_id = value_of<std::string>(row[0]),
                          .tenant = value_of<std::string>(row[1])};
    if (const auto seconds = value_of<std::int64_t>(row[2])) {
      revocation.issued_before =
          std::chrono::system_clock::time_point(std::chrono::seconds(*seconds));
    }
    all.push_back(std::move(revocation));
  }
  return std::make_shared<const Revocations>(std::move(all));
}

}  // namespace ordercast::pg
