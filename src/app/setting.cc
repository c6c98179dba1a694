#include "app/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "app/option_type.h"
#include "pg/conninfo.h"

namespace ordercast::app {
namespace {

using Kind = ConfigEntry::Kind;

constexpr const char* kReloadable = "reloadable";
// Type names that CLI11 gives to numbers.
constexpr std::string_view kInteger = "INT";
constexpr std::string_view kUnsigned = "UINT";
constexpr std::string_view kFloat = "FLOAT";
// Ours, of connection strings.
constexpr std::string_view kUrl = "URL";
constexpr std::string_view kHidden = "***";

std::string words(const std::optional<std::pair<double, double>>& range) {
  return range ? fmt::format(" from {} to {}", range->first, range->second) : std::string();
}

// Where the "[…]" at the end of a help text begins; its end when there is none.
std::size_t default_begin(std::string_view help) {
  if (!help.ends_with(']')) return help.size();
  return std::min(help.rfind('['), help.size());
}

}  // namespace

CLI::Validator reloadable() {
  return {[](std::string&) { return std::string(); }, "", kReloadable};
}

std::vector<Setting> Setting::all_of(CLI::App& command) {
  std::vector<Setting> settings;
  for (auto* option : command.get_options()) {
    if (option->get_configurable() && !option->get_lnames().empty()) settings.emplace_back(*option);
  }
  return settings;
}

std::string Setting::key() const {
  return option_->get_lnames().front();
}

std::string Setting::help() const {
  const auto& help = option_->get_description();
  auto text = help.substr(0, default_begin(help));
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

bool Setting::can_reload() const {
  try {
    return option_->get_validator(kReloadable) != nullptr;
  } catch (const CLI::OptionNotFound&) {
    return false;
  }
}

Kind Setting::kind() const {
  if (option_->get_expected_min() == 0) return Kind::kBoolean;
  const auto name = OptionType::of(*option_).name;
  if (name == kInteger || name == kUnsigned) return Kind::kInteger;
  return name == kFloat ? Kind::kNumber : Kind::kText;
}

bool Setting::takes(Kind given) const {
  return given == kind() || (given == Kind::kInteger && kind() == Kind::kNumber);
}

std::string Setting::expected() const {
  const auto type = OptionType::of(*option_);
  switch (kind()) {
    case Kind::kBoolean:
      return "true or false";
    case Kind::kInteger:
      return "a whole number" + words(type.range);
    case Kind::kNumber:
      return "a number" + words(type.range);
    default:
      break;
  }
  std::string text = type.name == "TEXT" ? "text" : fmt::format("text ({})", type.name);
  if (!type.choices.empty()) text = fmt::format("one of {}", fmt::join(type.choices, ", "));
  return is_list() ? text + ", or a list of such" : text;
}

std::string Setting::default_value() const {
  return kind() == Kind::kBoolean ? "false" : option_->get_default_str();
}

std::string Setting::default_in_words() const {
  const auto& help = option_->get_description();
  const auto begin = default_begin(help);
  return begin == help.size() ? "none" : help.substr(begin + 1, help.size() - begin - 2);
}

std::vector<std::string> Setting::values() const {
  if (option_->count() > 0) return option_->results();
  const auto value = default_value();
  return value.empty() ? std::vector<std::string>{} : std::vector{value};
}

std::string Setting::shown(const std::string& value) const {
  if (OptionType::of(*option_).name == kUrl) return pg::without_secrets(value);
  // A key where the name of its file belongs.
  if (value.find("-----BEGIN") != value.npos) return std::string(kHidden);
  return value;
}

std::string Setting::toml(const std::vector<std::string>& values) const {
  std::vector<std::string> texts;
  for (const auto& value : values) {
    texts.push_back(kind() == Kind::kText ? toml_quoted(shown(value)) : value);
  }
  if (!is_list() && texts.size() == 1) return texts.front();
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

}  // namespace ordercast::app
