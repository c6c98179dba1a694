#include "app/check_config.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "app/command_config.h"
#include "app/config_error.h"
#include "app/serve_options.h"
#include "auth/verifier.h"

namespace ordercast::app {
namespace {

struct CheckConfigCommand {
  std::string file;
  bool strict = false;
};

bool holds_secret(CommandConfig& config) {
  for (const auto& setting : config.settings()) {
    for (const auto& value : setting.values()) {
      if (setting.shown(value).find("***") != std::string::npos) return true;
    }
  }
  return false;
}

bool others_may_read(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

// What the file means as a whole, and what it leads to.
void check_strictly(const std::string& path, CommandConfig& config) {
  const auto& options = config.options();
  static_cast<void>(options.node_options());
  if (options.serving.access.by_token()) {
    const auth::TokenVerifier keys(options.serving.access.verifier_options());
  }
  if (holds_secret(config) && others_may_read(path)) {
    throw std::invalid_argument(
        "it holds a password, and every user of this machine may read it: chmod o-r");
  }
}

void check_config(const CheckConfigCommand& command) {
  try {
    CommandConfig config(std::make_unique<ServeOptions>(), {"--config=" + command.file},
                         CommandConfig::Environment::kIgnore);
    if (command.strict) check_strictly(command.file, config);
  } catch (const ConfigError&) {
    throw;  // says already where
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", command.file, error.what()));
  }
  fmt::print("{}: ok\n", command.file);
}

}  // namespace

void add_check_config(CLI::App& app) {
  auto options = std::make_shared<CheckConfigCommand>();
  auto* command = app.add_subcommand(
      "check-config", "Say what is wrong with a configuration file: keys, types, values");
  command->add_option("FILE", options->file, "as serve --config takes it")->required();
  command->add_flag(
      "--strict", options->strict,
      "also whether serve would start with it alone, without flags and environment: unsafe "
      "combinations, unreadable keys, a password that others may read");
  command->callback([options] { check_config(*options); });
}

}  // namespace ordercast::app
