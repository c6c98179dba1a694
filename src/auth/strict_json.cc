#include "auth/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace ordercast::auth {
namespace {

struct NotStrict {};

// nlohmann's parser asks about each part as it comes to it. It keeps the last of two equal names
// without a word, and bounds no depth.
class Judge {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMostDepth) throw NotStrict();
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event == Event::key && !names_.back().insert(parsed.get<std::string>()).second) {
      throw NotStrict();
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

}  // namespace

std::optional<nlohmann::json> parse_strictly(std::string_view text) {
  Judge judge;
  try {
    auto parsed = nlohmann::json::parse(
        text,
        [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& part) {
          return judge(depth, event, part);
        },
        /*allow_exceptions=*/false);
    if (parsed.is_discarded()) return std::nullopt;
    return parsed;
  } catch (const NotStrict&) {
    return std::nullopt;
  }
}

std::optional<std::string> string_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace ordercast::auth
