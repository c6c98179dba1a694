#include "app/retention.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/database_option.h"
#include "app/patience.h"
#include "pg/connection.h"
#include "pg/retention.h"

namespace ordercast::app {
namespace {

struct RetentionCommand {
  std::string database;
  pg::RetentionOptions options;
};

void run(const RetentionCommand& command) {
  const auto connection = pg::connect(command.database);
  if (command.options.age || command.options.size) {
    pg::set_retention(*connection, command.options, patient("the change log"));
  }
  const auto now = pg::read_retention(*connection);
  fmt::print("age     {}\nsize    {}\nlog     {}\noldest  {}\n", now.age,
             now.size.value_or("unlimited"), now.log_size, now.oldest.value_or("none"));
}

}  // namespace

void add_retention(CLI::App& app) {
  auto options = std::make_shared<RetentionCommand>();
  auto* command = app.add_subcommand(
      "retention", "Print how much of the change log is kept and how large it is; or change that");
  add_database_option(*command, options->database);
  command->add_option("--age", options->options.age, "keep changes for so long: 2d, 36h");
  command->add_option("--size", options->options.size,
                      "let the oldest go sooner when the log is larger: 10GB; 'unlimited'");
  command->callback([options] { run(*options); });
}

}  // namespace ordercast::app
