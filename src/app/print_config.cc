#include "app/print_config.h"

#include <fmt/format.h>

#include <memory>

#include "app/config_listing.h"
#include "app/serve_options.h"

namespace ordercast::app {
namespace {

struct PrintConfigCommand {
  ServeOptions options;
  bool defaults = false;
  bool example = false;
  bool markdown = false;
};

void print_config(const PrintConfigCommand& command, CLI::App& app) {
  if (command.markdown) {
    fmt::print("{}", config_markdown(app));
  } else if (command.example) {
    fmt::print("{}", config_example(app));
  } else {
    fmt::print("{}", config_values(app, command.options.config, command.defaults));
  }
}

}  // namespace

void add_print_config(CLI::App& app) {
  auto options = std::make_shared<PrintConfigCommand>();
  auto* command = app.add_subcommand(
      "print-config",
      "Print what serve would be told by the same flags, environment and file, and by which of "
      "them; passwords are not shown");
  options->options.add_to(*command);
  auto* defaults = command->add_flag("--defaults", options->defaults, "also what nobody has set")
                       ->configurable(false);
  auto* example =
      command->add_flag("--example", options->example, "a file with all options, commented out")
          ->configurable(false)
          ->excludes(defaults);
  command->add_flag("--markdown", options->markdown, "the tables of docs/configuration.md")
      ->configurable(false)
      ->excludes(defaults)
      ->excludes(example);
  command->callback([options, command] { print_config(*options, *command); });
}

}  // namespace ordercast::app
