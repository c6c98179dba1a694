#include "app/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/config_option.h"
#include "app/database_option.h"
#include "app/machine_checks.h"
#include "app/serve_options.h"
#include "pg/checkup.h"

namespace ordercast::app {
namespace {

using nlohmann::ordered_json;
using Findings = std::vector<Finding>;

struct DoctorCommand {
  ConfigOption config;
  std::string database;
  std::optional<std::size_t> max_connections;
  bool json = false;
};

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "ok";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      break;
  }
  return "error";
}

auto count(const Findings& findings, Severity severity) {
  return std::ranges::count(findings, severity, &Finding::severity);
}

// What libpq says has several lines.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text;
}

std::string lines(const Findings& findings) {
  std::string text;
  for (const auto& finding : findings) {
    text += fmt::format("{:<8} {:<13} {}\n", name_of(finding.severity), finding.check,
                        one_line(finding.says));
    if (!finding.mend.empty()) text += fmt::format("{:<8} {:<13} → {}\n", "", "", finding.mend);
  }
  return text + fmt::format("{} errors, {} warnings\n", count(findings, Severity::kError),
                            count(findings, Severity::kWarning));
}

std::string json(const Findings& findings) {
  auto list = ordered_json::array();
  for (const auto& finding : findings) {
    list.push_back({{"check", finding.check},
                    {"severity", name_of(finding.severity)},
                    {"says", finding.says},
                    {"mend", finding.mend.empty() ? ordered_json() : ordered_json(finding.mend)}});
  }
  const ordered_json body = {{"errors", count(findings, Severity::kError)},
                             {"warnings", count(findings, Severity::kWarning)},
                             {"findings", std::move(list)}};
  // What PostgreSQL says need not be UTF-8.
  return body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

void examine(const DoctorCommand& command) {
  auto findings = pg::examine(command.database);
  for (auto& finding : examine_machine(this_machine(command.max_connections))) {
    findings.push_back(std::move(finding));
  }
  fmt::print("{}", command.json ? json(findings) : lines(findings));
  if (count(findings, Severity::kError) > 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_doctor(CLI::App& app) {
  auto options = std::make_shared<DoctorCommand>();
  auto* command = app.add_subcommand(
      "doctor", "Look over a database and this machine: what is wrong, and how to mend it");
  add_database_option(*command, options->database);
  command
      ->add_option("--max-connections", options->max_connections,
                   "how many clients, as serve has it [as many as it may open files for]")
      ->envname("ORDERCAST_MAX_CONNECTIONS");
  command->add_flag("--json", options->json, "as one JSON object")->configurable(false);
  options->config.add_to(*command, serve_keys())
      ->description("the file that serve has: for its --database and --max-connections");
  command->callback([options] { examine(*options); });
}

}  // namespace ordercast::app
