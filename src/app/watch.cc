#include "app/watch.h"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/database_option.h"
#include "app/patience.h"
#include "pg/connection.h"
#include "pg/watch.h"

namespace ordercast::app {
namespace {

struct WatchCommand {
  std::string database;
  std::string target;
  std::string stream;
  std::string tenant;
  std::vector<std::string> columns;
};

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void watch(const WatchCommand& command) {
  const auto connection = pg::connect(command.database);
  const pg::WatchOptions options{
      .stream = given(command.stream),
      .tenant = given(command.tenant),
      .columns = command.columns.empty() ? std::nullopt : std::optional(command.columns)};
  const auto stream = pg::watch(*connection, command.target, options, patient("the table"));
  fmt::print("watching {0}: its changes are at /v1/streams/{1}\n", command.target, stream);
}

void unwatch(const WatchCommand& command) {
  const auto connection = pg::connect(command.database);
  if (!pg::unwatch(*connection, command.target, patient("the table"))) {
    throw std::runtime_error(fmt::format("there is no stream '{}'", command.target));
  }
  fmt::print("the stream {} has ended; the table has no trigger of ours any more\n",
             command.target);
}

}  // namespace

void add_watch(CLI::App& app) {
  auto options = std::make_shared<WatchCommand>();
  auto* command =
      app.add_subcommand("watch", "Make a stream of a table's changes; again to change how");
  add_database_option(*command, options->database);
  command->add_option("TABLE", options->target, "as in SQL: orders, shop.orders, \"Odd Name\"")
      ->required();
  command->add_option("--stream", options->stream, "public name of the stream [the table's name]");
  command->add_option("--tenant", options->tenant, "column that says whose row it is");
  command->add_option("--columns", options->columns, "columns to send, separated by commas [all]")
      ->delimiter(',');
  command->callback([options] { watch(*options); });
}

void add_unwatch(CLI::App& app) {
  auto options = std::make_shared<WatchCommand>();
  auto* command = app.add_subcommand("unwatch", "End a stream and remove its triggers");
  add_database_option(*command, options->database);
  command->add_option("STREAM", options->target, "public name of the stream")->required();
  command->callback([options] { unwatch(*options); });
}

}  // namespace ordercast::app
