#include "app/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "app/node_address.h"
#include "base/random_bytes.h"
#include "client/node_client.h"
#include "core/base64url.h"
#include "core/sse_parser.h"
#include "pg/connection.h"
#include "pg/persistence.h"
#include "pg/publish.h"

namespace ordercast::app {
namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

constexpr int kLate = 1;
constexpr int kUntried = 2;
// The name of the message. Other clients of the stream are sent it, too; an EventSource has no
// listener for it.
constexpr const char* kEvent = "ordercast.canary";
// For the connection, and for the stream to begin; a node under load takes its time.
constexpr std::chrono::milliseconds kPatience{10'000};
constexpr int kLongestMs = 600'000;
constexpr std::size_t kMarkBytes = 12;

// It could not be tried: nothing is known of how fast the node is.
struct Untried : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct CanaryCommand {
  NodeAddress node;
  std::string stream;
  std::string database;
  int max_ms = 1000;
  int wait_ms = 10'000;  // and max_ms, if that is longer
  bool json = false;
};

// The stream to write to when none is named: the first that the node shows.
std::string first_stream(const client::NodeClient& client) {
  const auto answer = client.get("/v1/streams");
  if (answer.status != 200) throw Untried(client::explanation(answer));
  try {
    const auto body = nlohmann::json::parse(answer.body);
    const auto& streams = body.at("streams");
    if (streams.empty()) throw Untried("there is no stream to write to: watch a table first");
    return streams.at(0).at("name").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    throw Untried("what answers there is no node of Ordercast");
  }
}

// Writes the message; returns when its commit began.
Clock::time_point write(const CanaryCommand& command, const client::NodeClient& client,
                        const std::string& stream, const std::string& data) {
  Clock::time_point committing;
  if (!command.database.empty()) {
    const auto connection = pg::connect(command.database, {.application_name = "ordercast-canary"});
    pg::publish(*connection, stream, kEvent, data, [&] { committing = Clock::now(); });
    return committing;
  }
  committing = Clock::now();
  const auto answer = client.post(fmt::format("/v1/streams/{}/messages", stream),
                                  fmt::format(R"({{"event":"{}","data":{}}})", kEvent, data));
  if (answer.status != 200 && answer.status != 201) {
    throw Untried(fmt::format("the message was refused: {}", client::explanation(answer)));
  }
  return committing;
}

// What takes longer is lost: noticed with the next heartbeat, or after kPatience of silence.
std::chrono::milliseconds patience(const CanaryCommand& command) {
  return std::chrono::milliseconds(std::max(command.max_ms, command.wait_ms));
}

// Opens the stream, writes the message, waits for it. None: it did not come.
std::optional<Millis> measure(const CanaryCommand& command, const client::NodeClient& client,
                              const std::string& stream) {
  const auto mark = base64url_encode(random_bytes(kMarkBytes));
  SseParser parser;
  std::optional<Clock::time_point> committing;
  std::optional<Clock::time_point> come;
  const auto take = [&](std::string_view piece) {
    const auto now = Clock::now();
    const bool sound = parser.feed(piece, [&](const SseMessage& message) {
      if (message.type == "hello" && !committing) {
        committing = write(command, client, stream, fmt::format(R"({{"mark":"{}"}})", mark));
      } else if (message.type == kEvent && message.data.find(mark) != message.data.npos) {
        come = now;
      }
    });
    if (!sound) throw Untried("what answers there is no node of Ordercast");
    return !come && (!committing || now - *committing < patience(command));
  };
  try {
    const auto answer =
        client.stream(fmt::format("/v1/streams/{}?events={}", stream, kEvent), take);
    if (answer.status != 200) throw Untried(client::explanation(answer));
  } catch (const client::NodeUnreachable&) {
    if (!committing) throw;  // else it was tried
  }
  if (!come) return std::nullopt;
  return *come - *committing;
}

struct Outcome {
  int code = kUntried;
  std::string stream = {};
  std::optional<Millis> took = std::nullopt;
  std::string detail = {};
};

Outcome try_it(const CanaryCommand& command) {
  Outcome outcome{.stream = command.stream};
  try {
    auto options = command.node.client_options();
    options.patience = std::max(patience(command), kPatience);
    const client::NodeClient client(options);
    if (outcome.stream.empty()) outcome.stream = first_stream(client);
    outcome.took = measure(command, client, outcome.stream);
    const bool in_time = outcome.took && outcome.took->count() <= command.max_ms;
    outcome.code = in_time ? 0 : kLate;
    if (!outcome.took) outcome.detail = "the message did not come";
  } catch (const client::NodeUnreachable& problem) {
    outcome.detail = problem.what();
  } catch (const Untried& problem) {
    outcome.detail = problem.what();
  } catch (const pg::ConnectionFailed& problem) {
    outcome.detail = problem.what();
  } catch (const pg::Refused& problem) {
    outcome.detail = problem.what();
  }
  return outcome;
}

const char* verdict(const Outcome& outcome) {
  if (outcome.code == kUntried) return "untried";
  if (!outcome.took) return "lost";
  return outcome.code == 0 ? "ok" : "slow";
}

std::string json(const CanaryCommand& command, const Outcome& outcome) {
  const ordered_json body = {
      {"verdict", verdict(outcome)},
      {"stream", outcome.stream.empty() ? ordered_json() : ordered_json(outcome.stream)},
      {"commit_to_client_ms", outcome.took ? ordered_json(outcome.took->count()) : ordered_json()},
      {"max_ms", command.max_ms},
      {"detail", outcome.detail.empty() ? ordered_json() : ordered_json(outcome.detail)}};
  return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::string line(const CanaryCommand& command, const Outcome& outcome) {
  if (!outcome.took) return fmt::format("{}: {}\n", verdict(outcome), outcome.detail);
  return fmt::format("{}: {:.1f} ms from commit to client on {} (at most {})\n", verdict(outcome),
                     outcome.took->count(), outcome.stream, command.max_ms);
}

void run(const CanaryCommand& command) {
  const auto outcome = try_it(command);
  fmt::print("{}", command.json ? json(command, outcome) : line(command, outcome));
  if (outcome.code != 0) throw CLI::RuntimeError(outcome.code);
}

}  // namespace

void add_canary(CLI::App& app) {
  auto options = std::make_shared<CanaryCommand>();
  auto* command = app.add_subcommand(
      "canary", "Measure how long a message takes from its commit until a client has it");
  options->node.add_to(*command);
  command->add_option("--stream", options->stream, "the stream to send it on [the first]");
  command
      ->add_option("--max-ms", options->max_ms,
                   "how long it may take: end with 1 when it took longer")
      ->check(CLI::Range(1, kLongestMs))
      ->capture_default_str();
  command->add_option("--wait-ms", options->wait_ms, "how long to wait until it counts as lost")
      ->check(CLI::Range(1, kLongestMs))
      ->capture_default_str();
  command
      ->add_option("--database", options->database,
                   "write it there, by ordercast.publish() [to the node, which needs --desk]")
      ->type_name("URL")
      ->envname("ORDERCAST_DATABASE");
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options] { run(*options); });
}

}  // namespace ordercast::app
