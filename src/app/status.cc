#include "app/status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "app/node_address.h"
#include "client/node_client.h"

namespace ordercast::app {
namespace {

using nlohmann::ordered_json;

constexpr int kNotReady = 1;
constexpr int kNoAnswer = 2;
constexpr int kOk = 200;
constexpr double kMebibyte = 1 << 20;
constexpr std::string_view kMetrics = "/metrics";
constexpr const char* kMetricsElsewhere =
    "metrics are not shown there: name their own port with --metrics";

struct StatusCommand {
  NodeAddress node;
  std::string metrics_url;
  bool json = false;
};

// Numbers of /metrics, those without labels, in the table's order: the name in the answer, the
// metric, what people call it. What the node does not show is null.
struct Number {
  const char* name;
  const char* metric;
  const char* title;
  double unit = 1;
};
constexpr Number kNumbers[] = {
    {"subscribers", "ordercast_streams_active", "subscribers"},
    {"caught_up", "ordercast_streams_caught_up", "of these caught up"},
    {"views", "ordercast_views", "different views"},
    {"lag_seconds", "ordercast_db_cursor_lag_seconds", "behind the database, s"},
    {"log_bytes", "ordercast_change_log_bytes", "log, MiB", kMebibyte},
    {"log_changes", "ordercast_change_log_rows", "changes in it, about"},
    {"log_oldest_seconds", "ordercast_change_log_oldest_seconds", "oldest of them, s"},
    {"notify_queue_ratio", "ordercast_notify_queue_ratio", "NOTIFY queue, 0 to 1"},
};

// What answered is something else.
struct NoNode : std::runtime_error {
  NoNode() : std::runtime_error("what answers there is no node of Ordercast") {}
};

std::map<std::string, double> samples(const std::string& page) {
  std::map<std::string, double> values;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    if (words >> name >> value) values[name] = value;
  }
  return values;
}

ordered_json streams_of(const client::NodeClient::Answer& answer) {
  auto streams = ordered_json::array();
  const auto body = nlohmann::json::parse(answer.body);
  for (const auto& stream : body.at("streams")) {
    streams.push_back({{"name", stream.at("name")},
                       {"key", stream.at("key")},
                       {"columns", stream.at("columns").size()},
                       {"tenant", stream.at("tenant")}});
  }
  return streams;
}

// The numbers; all null, with a note, where the node does not show them.
void add_numbers(ordered_json& report, const StatusCommand& command) {
  auto options = command.node.client_options();
  if (!command.metrics_url.empty()) {
    // As `serve` prints it, or without the path.
    options = {.url = command.metrics_url};
    if (options.url.ends_with(kMetrics)) options.url.resize(options.url.size() - kMetrics.size());
  }
  const auto answer = client::NodeClient(options).get(std::string(kMetrics));
  const auto values = answer.status == kOk ? samples(answer.body) : std::map<std::string, double>();
  for (const auto& number : kNumbers) {
    const auto found = values.find(number.metric);
    report[number.name] = found == values.end() ? ordered_json() : ordered_json(found->second);
  }
  if (answer.status != kOk) report["notes"].push_back(kMetricsElsewhere);
}

ordered_json ask(const StatusCommand& command) {
  const client::NodeClient client(command.node.client_options());
  const auto readiness = client.get("/readyz");
  const auto said = nlohmann::json::parse(readiness.body);
  if (!said.contains("status")) throw NoNode();
  const bool ready = readiness.status == kOk;
  ordered_json report = {{"url", command.node.url},
                         {"ready", ready},
                         {"code", ready ? ordered_json() : ordered_json(said.at("code"))},
                         {"detail", ready ? ordered_json() : ordered_json(said.at("detail"))},
                         {"streams", ordered_json()},
                         {"notes", ordered_json::array()}};
  const auto catalog = client.get("/v1/streams");
  if (catalog.status == kOk) {
    report["streams"] = streams_of(catalog);
  } else {
    report["notes"].push_back("streams: " + client::explanation(catalog));
  }
  add_numbers(report, command);
  return report;
}

std::string lines(const ordered_json& report) {
  const bool ready = report["ready"];
  auto text =
      fmt::format("{:<24} {}\n", report["url"].get<std::string>(),
                  ready ? "ready"
                        : fmt::format("not ready: {} ({})", report["detail"].get<std::string>(),
                                      report["code"].get<std::string>()));
  for (const auto& number : kNumbers) {
    const auto& value = report[number.name];
    text += fmt::format(
        "{:<24} {}\n", number.title,
        value.is_null() ? "?" : fmt::format("{:.6g}", value.get<double>() / number.unit));
  }
  if (report["streams"].is_array()) {
    text += fmt::format("\n{:<24} {:<24} {:>7}  {}\n", "STREAM", "KEY", "COLUMNS", "TENANT");
    for (const auto& stream : report["streams"]) {
      text += fmt::format("{:<24} {:<24} {:>7}  {}\n", stream["name"].get<std::string>(),
                          fmt::join(stream["key"].get<std::vector<std::string>>(), ", "),
                          stream["columns"].get<std::size_t>(),
                          stream["tenant"].is_null() ? "" : stream["tenant"].get<std::string>());
    }
  }
  for (const auto& note : report["notes"]) text += "\n" + note.get<std::string>() + "\n";
  return text;
}

[[noreturn]] void no_answer(const StatusCommand& command, const std::string& why) {
  if (command.json) {
    const ordered_json body = {{"url", command.node.url}, {"ready", false}, {"detail", why}};
    fmt::print("{}\n", body.dump());
  } else {
    fmt::print("{}\n", why);
  }
  throw CLI::RuntimeError(kNoAnswer);
}

void show(const StatusCommand& command) {
  ordered_json report;
  try {
    report = ask(command);
  } catch (const client::NodeUnreachable& problem) {
    no_answer(command, problem.what());
  } catch (const nlohmann::json::exception&) {
    no_answer(command, NoNode().what());
  } catch (const NoNode& problem) {
    no_answer(command, problem.what());
  }
  fmt::print("{}", command.json ? report.dump(2) + '\n' : lines(report));
  if (!report["ready"].get<bool>()) throw CLI::RuntimeError(kNotReady);
}

}  // namespace

void add_status(CLI::App& app) {
  auto options = std::make_shared<StatusCommand>();
  auto* command = app.add_subcommand(
      "status", "Show a node's streams, subscribers, lag and the size of the log");
  options->node.add_to(*command);
  command
      ->add_option("--metrics", options->metrics_url,
                   "where its metrics are, if they have a port of their own: http://HOST:PORT")
      ->type_name("URL")
      ->envname("ORDERCAST_METRICS_URL");
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options] { show(*options); });
}

}  // namespace ordercast::app
