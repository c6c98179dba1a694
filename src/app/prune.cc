#include "app/prune.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/database_option.h"
#include "pg/connection.h"
#include "pg/retention.h"

namespace ordercast::app {
namespace {

// Of what the log takes beyond its limit.
constexpr double kMebibyte = 1 << 20;

void prune(const std::string& database) {
  const auto connection = pg::connect(database);
  const auto done = pg::prune(*connection);
  if (!done) {
    fmt::print("another session is at it: nothing to do\n");
    return;
  }
  const auto now = pg::read_retention(*connection);
  fmt::print("{} of the log's 8 leaves emptied\nlog     {}\noldest  {}\n", done->emptied,
             now.log_size, now.oldest.value_or("none"));
  if (done->bytes_over == 0) return;
  fmt::print(
      stderr,
      "ordercast: still {:.1f} MiB over its size limit: its latest part is being written, or "
      "a long transaction holds it (ordercast doctor)\n",
      static_cast<double>(done->bytes_over) / kMebibyte);
  throw CLI::RuntimeError(1);
}

}  // namespace

void add_prune(CLI::App& app) {
  auto database = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "prune", "Let go at once what retention does not keep; each node does so once a minute");
  add_database_option(*command, *database);
  command->callback([database] { prune(*database); });
}

}  // namespace ordercast::app
