#include "app/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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

// Of a text like "… in [10 - 60000]" (CLI::Range): " from 10 to 60000".
std::string range_in(std::string_view type) {
  const auto begin = type.find(" in [");
  const auto middle = type.find(" - ", begin);
  const auto end = type.find(']', begin);
  if (begin == type.npos || middle == type.npos || end == type.npos) return {};
  const auto number = [&](std::size_t from, std::size_t to) {
    return fmt::format("{}", std::stod(std::string(type.substr(from, to - from))));
  };
  return fmt::format(" from {} to {}", number(begin + 5, middle), number(middle + 3, end));
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

std::string Setting::type() const {
  const auto full = option_->get_type_name();
  for (const auto name : {kInteger, kUnsigned, kFloat}) {
    if (full == name || full.starts_with(std::string(name) + ':')) return std::string(name);
  }
  return full.substr(0, full.find(":{"));
}

Kind Setting::kind() const {
  if (option_->get_expected_min() == 0) return Kind::kBoolean;
  const auto name = type();
  if (name == kInteger || name == kUnsigned) return Kind::kInteger;
  return name == kFloat ? Kind::kNumber : Kind::kText;
}

bool Setting::takes(Kind given) const {
  return given == kind() || (given == Kind::kInteger && kind() == Kind::kNumber);
}

std::string Setting::expected() const {
  const auto full = option_->get_type_name();
  switch (kind()) {
    case Kind::kBoolean:
      return "true or false";
    case Kind::kInteger:
      return "a whole number" + range_in(full);
    case Kind::kNumber:
      return "a number" + range_in(full);
    default:
      break;
  }
  std::string text = type() == "TEXT" ? "text" : fmt::format("text ({})", type());
  if (const auto begin = full.find(":{"); begin != full.npos) {
    text = "one of";
    for (const auto& name :
         CLI::detail::split(full.substr(begin + 2, full.size() - begin - 3), ','))
      text += fmt::format("{} {}", text == "one of" ? "" : ",", name);
  }
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
  if (type() == kUrl) return pg::without_secrets(value);
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
