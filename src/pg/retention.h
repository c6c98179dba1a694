// How much of the change log is kept (sql/0009_retention.sql). Free functions, confined to the
// connection's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "pg/persistence.h"

namespace ordercast::pg {

struct RetentionOptions {
  std::optional<std::string> age = {};   // an interval as PostgreSQL reads it: 2d, 36h
  std::optional<std::string> size = {};  // as PostgreSQL reads it: 10GB; or "unlimited"
};

// What is none stays as it is. Throws Refused.
void set_retention(pqxx::connection& connection, const RetentionOptions& options,
                   const Persistence& persistence = {});

// As PostgreSQL prints it for people.
struct Retention {
  std::string age;
  std::optional<std::string> size;  // none: unlimited
  std::string log_size;             // with its indexes
  std::optional<std::string>
      oldest;  // change that a client can still have, ISO 8601; none: there is none
};
// Throws Refused.
[[nodiscard]] Retention read_retention(pqxx::connection& connection);

struct Pruned {
  int emptied = 0;              // leaves of the log
  std::int64_t bytes_over = 0;  // by which the log is larger than its limit all the same
};
// Lets go what retention no longer keeps. Waits for nobody longer than a fraction of a second. None
// when another session is at it.
[[nodiscard]] std::optional<Pruned> prune(pqxx::connection& connection);

}  // namespace ordercast::pg
