// Makes streams of tables and ends them: the SQL functions ordercast.watch() and unwatch(), which
// give up on a busy table after a fraction of a second instead of making its writers queue, tried
// again until they get in. Free functions, confined to the connection's thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <vector>

namespace ordercast::pg {

// The table is missing or cannot be watched, a column does not exist, a name is taken, or the table
// stayed busy: what() says which, and what to do.
struct WatchError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct WatchOptions {
  std::optional<std::string> stream = {};                // public name; none: the table's
  std::optional<std::string> tenant = {};                // column that says whose row it is
  std::optional<std::vector<std::string>> columns = {};  // what is sent; none: all
};

// How long to insist on a busy table.
struct Persistence {
  using Millis = std::chrono::milliseconds;
  // The pauses together; an attempt itself takes at most 0.2 s (0005_watch.sql).
  Millis limit{30000};
  // Called after each attempt that found the table busy.
  std::function<void(int attempts)> waiting = {};
  // The pause between attempts; none: really sleeps.
  std::function<void(Millis)> sleep = {};
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
