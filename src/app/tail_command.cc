#include "app/tail_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "app/event_lines.h"
#include "app/line_output.h"
#include "app/signals.h"
#include "app/stream_url.h"
#include "app/token_source.h"
#include "client/event_source.h"
#include "core/terminal_text.h"

namespace ordercast::app {
namespace {

struct TailOptions {
  std::string server = "http://127.0.0.1:8080";
  std::vector<std::string> words;  // [URL|STREAM] and filters
  bool snapshot = false;
  bool json = false;
  std::string select;
  std::string events;
  std::string since;
  std::string until;
  std::string last_event_id;
  std::string ca_file;
  TokenSource token;
};

std::string url_of(const TailOptions& options) {
  auto words = options.words;
  std::string target;
  // The first word is a filter, too, when it can be nothing else.
  if (!words.empty() &&
      (words[0].find('=') == std::string::npos || words[0].find("://") != std::string::npos)) {
    target = words[0];
    words.erase(words.begin());
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto& filter : words) {
    const auto equals = filter.find('=');
    if (equals == filter.npos) {
      throw std::invalid_argument(
          fmt::format("'{}' is no filter: they have the form status=eq.paid", filter));
    }
    parameters.emplace_back(filter.substr(0, equals), filter.substr(equals + 1));
  }
  if (options.snapshot) parameters.emplace_back("snapshot", "true");
  for (const auto& [name, value] :
       {std::pair<const char*, const std::string&>{"select", options.select},
        {"events", options.events},
        {"since", options.since},
        {"until", options.until}}) {
    if (!value.empty()) parameters.emplace_back(name, value);
  }
  return stream_url(options.server, target, parameters);
}

// Prints what comes, and knows when it is over.
class Tail : public client::EventHandler {
 public:
  Tail(const TailOptions& options, client::EventSource& source, LineOutput& output)
      : json_(options.json),
        palette_(wants_colours(STDOUT_FILENO) ? Palette::colours() : Palette()),
        source_(source),
        output_(output) {}

  bool on_event(const SseMessage& message) override {
    if (message.type == "hello") watch_heartbeats(message.data);
    if (!output_.write(json_ ? json_line(message) : line_for_people(message, palette_)))
      return false;
    return message.type != "end" || !is_the_end(message.data);
  }

  void on_pause(std::chrono::milliseconds pause, std::string_view why) override {
    fmt::print(stderr, "ordercast: {}; again in {:.1f} s\n", terminal_text(why),
               std::chrono::duration<double>(pause).count());
  }

  // `end` came, and there is nothing more to wait for.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  void watch_heartbeats(std::string_view hello) {
    constexpr double kMissed = 2.5;
    constexpr std::chrono::milliseconds kAtLeast{5'000};
    constexpr int kLongestHeartbeat = 3'600'000;
    const auto data = nlohmann::json::parse(hello, nullptr, /*allow_exceptions=*/false);
    if (!data.is_object() || !data.value("heartbeat_ms", nlohmann::json()).is_number_unsigned())
      return;
    const auto heartbeat = std::min(data["heartbeat_ms"].get<std::uint64_t>(),
                                    static_cast<std::uint64_t>(kLongestHeartbeat));
    source_.set_silence_limit(std::max(
        kAtLeast, std::chrono::milliseconds(
                      static_cast<std::int64_t>(kMissed * static_cast<double>(heartbeat)))));
  }

  // Not when the stream ended only because another connection is due.
  bool is_the_end(std::string_view end) {
    const auto data = nlohmann::json::parse(end, nullptr, /*allow_exceptions=*/false);
    const auto reason =
        data.is_object() ? data.value("reason", nlohmann::json()) : nlohmann::json();
    if (reason == "lifetime" || reason == "token_expired" || reason == "token_revoked")
      return false;
    if (!reason.is_null()) {
      throw std::runtime_error("the server has ended the stream: " + terminal_text(reason.dump()));
    }
    complete_ = true;
    return true;
  }

  const bool json_;
  const Palette palette_;
  client::EventSource& source_;
  LineOutput& output_;
  bool complete_ = false;
};

void tail(const TailOptions& options) {
  const auto url = url_of(options);
  const Signals signals;
  LineOutput output(STDOUT_FILENO, signals);
  client::EventSource source({.url = url,
                              .last_event_id = options.last_event_id,
                              .ca_file = options.ca_file,
                              .token = [&] { return options.token.token(); }});
  Tail handler(options, source, output);
  try {
    source.run(handler, signals.fd());
  } catch (const client::StreamRefused& refused) {
    throw std::runtime_error(terminal_text(refused.what()));
  }
  if (!options.until.empty() && !handler.complete() && !output.reader_gone()) {
    throw std::runtime_error("it was stopped before the end came");
  }
}

}  // namespace

void add_tail(CLI::App& app) {
  auto options = std::make_shared<TailOptions>();
  auto* command = app.add_subcommand("tail", "Print the events of a stream as they come");
  command
      ->add_option("WORDS", options->words,
                   "a URL, or a stream of --server [orders]; then filters, as status=eq.paid")
      ->type_name("[URL|STREAM] [FILTER]");
  command->add_option("--server", options->server, "where the stream is")
      ->type_name("URL")
      ->envname("ORDERCAST_URL")
      ->capture_default_str();
  command->add_flag("--snapshot", options->snapshot, "the rows that are there first");
  command->add_flag("--json", options->json, "a JSON object a line");
  command->add_option("--select", options->select, "only these columns, as id,status")
      ->type_name("COLUMNS");
  command->add_option("--events", options->events, "only these events, as insert,delete")
      ->type_name("EVENTS");
  command
      ->add_option("--since", options->since,
                   "begin with what was changed then, as 2026-11-25T12:00:00Z")
      ->type_name("TIME");
  command
      ->add_option("--until", options->until,
                   "end instead of waiting for more: now, a time or an id")
      ->type_name("END");
  command
      ->add_option("--last-event-id", options->last_event_id,
                   "begin behind this event; earliest: with all that is kept")
      ->type_name("ID");
  command
      ->add_option("--ca-file", options->ca_file,
                   "whom to trust instead of the system's authorities (PEM)")
      ->type_name("FILE");
  options->token.add_to(*command);
  command->callback([options] { tail(*options); });
}

}  // namespace ordercast::app
