#include "app/event_lines.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <vector>

#include "core/json_members.h"
#include "core/json_text.h"
#include "core/terminal_text.h"

namespace ordercast::app {
namespace {

// The members of valid JSON by name, as they are written: no digit is lost.
class Members {
 public:
  explicit Members(std::string_view object) {
    for (const auto& [name, value] : json_members(object)) {
      members_[std::string(json_text(name, scratch_))] = value;
    }
  }
  [[nodiscard]] std::string_view operator[](const std::string& name) const {
    const auto found = members_.find(name);
    return found == members_.end() ? std::string_view() : found->second;
  }

 private:
  std::string scratch_;
  std::map<std::string, std::string_view> members_;
};

// Not by a parser of values: it would refuse a number that no double holds, as a jsonb column may.
bool is_object(std::string_view json) {
  try {
    return (void)json_members(json), true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

// A string without its quotes where it can be told from what is around it.
std::string shown(std::string_view value) {
  if (!value.starts_with('"')) return terminal_text(value);
  std::string scratch;
  const auto text = json_text(value, scratch);
  const bool bare = !text.empty() && text.find_first_of(" \"=") == text.npos;
  return terminal_text(bare ? text : value);
}

std::string shown_name(std::string_view name) {
  std::string scratch;
  return terminal_text(json_text(name, scratch));
}

// "id=42  status=paid", of an object; of anything else its text.
std::string pairs(std::string_view object) {
  if (!object.starts_with('{')) return std::string(shown(object));
  std::string out;
  for (const auto& [name, value] : json_members(object)) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "  ", shown_name(name), shown(value));
  }
  return out;
}

// "status=paid->shipped", of {"status":["paid","shipped"]}.
std::string changes(std::string_view changed) {
  std::string out;
  for (const auto& [name, values] : json_members(changed)) {
    const auto both =
        values.starts_with('[') ? json_elements(values) : std::vector<std::string_view>();
    if (both.size() != 2) continue;
    out += fmt::format("{}{}={}->{}", out.empty() ? "" : "  ", shown_name(name), shown(both[0]),
                       shown(both[1]));
  }
  return out;
}

// The time of day of "2026-11-25T16:02:59.116148Z", or blanks as wide.
std::string time_of(std::string_view at) {
  constexpr std::size_t kBegin = 12;  // behind the quote and the day
  constexpr std::size_t kWidth = 12;
  if (at.size() < kBegin + kWidth + 2) return std::string(kWidth + 1, ' ');
  return terminal_text(at.substr(kBegin, kWidth)) + "Z";
}

std::string_view colour_of(std::string_view type, const Palette& palette) {
  if (type == "insert") return palette.come;
  if (type == "update") return palette.change;
  if (type == "delete") return palette.go;
  if (type == "hello" || type == "ready" || type == "status" || type == "heartbeat")
    return palette.dim;
  return palette.notice;
}

std::string what_happened(const Members& data, std::string_view whole) {
  if (const auto message = data["data"]; !message.empty()) return pairs(message);
  const auto key = data["key"];
  if (key.empty()) return pairs(whole);  // hello, ready, reset …
  if (data["truncated"] == "true")
    return pairs(key) + "  (a row of over 1 MiB: ask for it by its key)";
  if (const auto changed = data["changed"]; changed.starts_with('{')) {
    return fmt::format("{}  {}", pairs(key), changes(changed));
  }
  return pairs(data["row"]);
}

}  // namespace

Palette Palette::colours() {
  return {.come = "\x1b[32m",
          .change = "\x1b[33m",
          .go = "\x1b[31m",
          .notice = "\x1b[36m",
          .dim = "\x1b[2m",
          .plain = "\x1b[0m"};
}

bool wants_colours(int fd) {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) != 0 && (refused == nullptr || *refused == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

std::string line_for_people(const SseMessage& message, const Palette& palette) {
  constexpr int kNameWidth = 7;
  const auto colour = colour_of(message.type, palette);
  std::string time(13, ' ');
  std::string text;
  if (is_object(message.data)) {
    const Members data(message.data);
    time = time_of(data["at"]);
    text = what_happened(data, message.data);
  } else {
    text = terminal_text(message.data);
  }
  return fmt::format("{}{}{} {}{:<{}}{} {}\n", palette.dim, time, palette.plain, colour,
                     terminal_text(message.type), kNameWidth, palette.plain, text);
}

std::string json_line(const SseMessage& message) {
  std::string line = R"({"event":)" + json_token(message.type);
  if (!message.last_event_id.empty()) line += R"(,"id":)" + json_token(message.last_event_id);
  if (is_object(message.data)) {
    const auto members = json_members(message.data);
    for (const auto& [name, value] : members)
      line.append(",").append(name).append(":").append(value);
  } else {
    line += R"(,"data":)" + json_token(message.data);
  }
  return terminal_json(line + "}") + "\n";
}

}  // namespace ordercast::app
