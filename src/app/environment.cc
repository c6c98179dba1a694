#include "app/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "app/command_tree.h"
#include "app/config_error.h"
#include "app/nearest_name.h"

namespace ordercast::app {
namespace {

constexpr std::string_view kPrefix = "ORDERCAST_";
constexpr std::string_view kOfTests = "ORDERCAST_TEST_";
constexpr std::array<std::string_view, 3> kOthers = {"ORDERCAST_TOKEN", "ORDERCAST_POSTGRES_BIN",
                                                     "ORDERCAST_BINARY"};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// "…_PORT_8080_TCP", and what may follow it.
bool names_port(std::string_view name) {
  constexpr std::string_view kPort = "_PORT_";
  const auto begin = name.find(kPort);
  if (begin == name.npos) return false;
  const auto rest = name.substr(begin + kPort.size());
  const auto digits = std::find_if_not(rest.begin(), rest.end(),
                                       [](unsigned char c) { return std::isdigit(c) != 0; });
  const auto protocol = rest.substr(static_cast<std::size_t>(digits - rest.begin()));
  return digits != rest.begin() && (protocol.starts_with("_TCP") || protocol.starts_with("_UDP") ||
                                    protocol.starts_with("_SCTP"));
}

bool tells_of_service(std::string_view name, std::string_view value) {
  if (name.ends_with("_SERVICE_HOST") || has(name, "_SERVICE_PORT") || names_port(name)) {
    return true;
  }
  return name.ends_with("_PORT") && has(value, "://");  // not a number that somebody meant
}

bool is_mistake(std::string_view name, std::string_view value,
                const std::vector<std::string>& known) {
  if (!name.starts_with(kPrefix) || value.empty() || name.starts_with(kOfTests)) return false;
  if (std::ranges::find(kOthers, name) != kOthers.end()) return false;
  return std::ranges::find(known, name) == known.end() && !tells_of_service(name, value);
}

bool reads_environment(const CLI::App& command) {
  const auto set_by_it = [](const CLI::Option* each) { return !each->get_envname().empty(); };
  const auto options = command.get_options();
  const auto below = command.get_subcommands();  // of those that were given
  return std::ranges::any_of(options, set_by_it) ||
         std::ranges::any_of(below, [](const CLI::App* each) { return reads_environment(*each); });
}

}  // namespace

std::vector<std::string> environment_problems(const char* const* environment,
                                              const std::vector<std::string>& known) {
  std::vector<std::string> problems;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const auto end = std::min(entry.find('='), entry.size());
    const auto name = entry.substr(0, end);
    if (!is_mistake(name, entry.substr(std::min(end + 1, entry.size())), known)) continue;
    problems.push_back(fmt::format("environment: unknown variable {}; the nearest is {}", name,
                                   nearest_name(name, known)));
  }
  std::ranges::sort(problems);
  return problems;
}

void refuse_unknown_variables(const CLI::App& app) {
  if (!reads_environment(app)) return;
  std::vector<std::string> known;
  for_each_command(describe_commands(app), [&](const CommandInfo& command) {
    for (const auto& option : command.options) {
      if (!option.environment.empty()) known.push_back(option.environment);
    }
  });
  const auto problems = environment_problems(environ, known);
  if (!problems.empty()) throw ConfigError(problems);
}

}  // namespace ordercast::app
