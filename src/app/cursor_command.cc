#include "app/cursor_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <stdexcept>

namespace ordercast::app {
namespace {

struct DecodeCommand {
  std::string text;
  bool json = false;
};

std::string lines_of(const Snapshot& snapshot) {
  const auto running =
      snapshot.xip.empty() ? std::string("none") : fmt::format("{}", fmt::join(snapshot.xip, " "));
  return fmt::format("  xmin     {}\n  xmax     {}\n  running  {}\n", snapshot.xmin, snapshot.xmax,
                     running);
}

std::string json(const Snapshot& snapshot) {
  std::string running;
  for (const auto id : snapshot.xip) {
    running += fmt::format("{}\"{}\"", running.empty() ? "" : ",", id);
  }
  return fmt::format(R"({{"xmin":"{}","xmax":"{}","running":[{}]}})", snapshot.xmin, snapshot.xmax,
                     running);
}

void decode(const DecodeCommand& command) {
  const auto cursor = parse_cursor(command.text);
  fmt::print("{}", command.json ? describe_json(cursor) + "\n" : describe(cursor));
}

}  // namespace

std::string describe(const Cursor& cursor) {
  const auto& [seen, in_batch] = cursor.position;
  auto text = fmt::format("version    {}\nepoch      {}\nhas all that this snapshot sees\n{}",
                          Cursor::kVersion, cursor.epoch.text(), lines_of(seen));
  if (in_batch) {
    text += fmt::format("and, of what this snapshot sees besides, all up to seq {}\n{}",
                        in_batch->seq, lines_of(in_batch->target));
  }
  return text;
}

std::string describe_json(const Cursor& cursor) {
  const auto& [seen, in_batch] = cursor.position;
  const auto batch =
      in_batch ? fmt::format(R"({{"target":{},"seq":{}}})", json(in_batch->target), in_batch->seq)
               : std::string("null");
  return fmt::format(R"({{"version":{},"epoch":"{}","snapshot":{},"in_batch":{}}})",
                     Cursor::kVersion, cursor.epoch.text(), json(seen), batch);
}

Cursor parse_cursor(std::string_view text) {
  if (auto cursor = Cursor::decode(text)) return *std::move(cursor);
  if (text == kEarliest) {
    throw std::invalid_argument(
        "'earliest' is no cursor: each server finds out what it is when it is asked for");
  }
  if (text.size() > Cursor::kMaxChars) {
    throw std::invalid_argument(
        fmt::format("not a cursor: {} characters, and no cursor has more than {}", text.size(),
                    Cursor::kMaxChars));
  }
  if (!text.starts_with(Cursor::kVersion)) {
    throw std::invalid_argument(fmt::format(
        "not a cursor: '{}' does not begin with the version, {}", text, Cursor::kVersion));
  }
  throw std::invalid_argument(
      fmt::format("not a cursor: '{}' was cut short or changed on its way", text));
}

void add_cursor(CLI::App& app) {
  auto* cursor = app.add_subcommand("cursor", "Look into the ids of events");
  cursor->require_subcommand(1);
  auto options = std::make_shared<DecodeCommand>();
  auto* command = cursor->add_subcommand("decode", "Print what an event's id says");
  command->add_option("TEXT", options->text, "the id, as in the stream")->required();
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options] { decode(*options); });
}

}  // namespace ordercast::app
