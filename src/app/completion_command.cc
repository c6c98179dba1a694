#include "app/completion_command.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "app/completion.h"
#include "app/man_page.h"

namespace ordercast::app {
namespace {

using Completion = std::string (*)(const CommandInfo&);

const std::map<std::string, Completion> kShells{
    {"bash", bash_completion}, {"fish", fish_completion}, {"zsh", zsh_completion}};

}  // namespace

void add_completion(CLI::App& app) {
  auto* command = app.add_subcommand(
      "completion", "Print what makes a shell complete this program's command line");
  for (const auto& [shell, completion] : kShells) {
    command->add_subcommand(shell, "For " + shell)->callback([&app, print = completion] {
      fmt::print("{}", print(describe_commands(app)));
    });
  }
  command->require_subcommand(1);
}

void add_man(CLI::App& app) {
  app.add_subcommand("man", "Print the manual page")->group("")->callback([&app] {
    fmt::print("{}", man_page(describe_commands(app), ORDERCAST_VERSION));
  });
}

}  // namespace ordercast::app
