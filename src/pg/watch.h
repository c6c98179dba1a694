// Makes streams of tables and ends them: the SQL functions ordercast.watch() and unwatch(), which
// give up on a busy table after a fraction of a second instead of making its writers queue, tried
// again until they get in. Free functions, confined to the connection's thread. They throw Refused
// when the table is missing or cannot be watched, a column does not exist, or a name is taken.
#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "pg/persistence.h"

namespace ordercast::pg {

struct WatchOptions {
  std::optional<std::string> stream = {};                // public name; none: the table's
  std::optional<std::string> tenant = {};                // column that says whose row it is
  std::optional<std::vector<std::string>> columns = {};  // what is sent; none: all
};

// `table` is a name as in SQL, with or without schema (then the role's search_path decides):
// orders, shop.orders, "Odd Name". Returns the stream's name. Again with other options: changes the
// stream.
std::string watch(pqxx::connection& connection, const std::string& table,
                  const WatchOptions& options = {}, const Persistence& persistence = {});

// False when there was no such stream.
bool unwatch(pqxx::connection& connection, const std::string& stream,
             const Persistence& persistence = {});

}  // namespace ordercast::pg
