#include "app/config_file.h"

// Debian's pkg-config file asks for its shared library; this is the only file that needs it.
#define TOML_HEADER_ONLY 1
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "app/config_error.h"

namespace ordercast::app {
namespace {

using Kind = ConfigEntry::Kind;

std::string read_text(const std::string& path) {
  // A directory opens, too, and fails when it is read.
  std::ifstream file(path);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || text.fail()) {
    throw ConfigError(
        {fmt::format("{}: cannot be read: {}", path, std::generic_category().message(errno))});
  }
  return std::move(text).str();
}

Kind kind_of(const toml::node& node) {
  if (node.is_string()) return Kind::kText;
  if (node.is_integer()) return Kind::kInteger;
  if (node.is_floating_point()) return Kind::kNumber;
  if (node.is_boolean()) return Kind::kBoolean;
  return Kind::kOther;
}

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return {};
}

ConfigEntry entry_of(const toml::key& key, const toml::node& node) {
  ConfigEntry entry{.key = std::string(key.str()), .line = key.source().begin.line, .values = {}};
  const auto* array = node.as_array();
  if (array == nullptr) {
    entry.kind = kind_of(node);
    entry.values = {text_of(node)};
    return entry;
  }
  entry.list = true;
  entry.kind = array->empty() ? Kind::kText : kind_of(array->front());
  for (const auto& element : *array) {
    if (kind_of(element) != entry.kind) entry.kind = Kind::kOther;
    entry.values.push_back(text_of(element));
  }
  return entry;
}

}  // namespace

ConfigFile ConfigFile::read(const std::string& path) {
  ConfigFile file{.path = path, .entries = {}};
  try {
    const auto table = toml::parse(read_text(path), path);
    for (const auto& [key, node] : table) file.entries.push_back(entry_of(key, node));
  } catch (const toml::parse_error& error) {
    throw ConfigError(
        {fmt::format("{}:{}: {}", path, error.source().begin.line, error.description())});
  }
  std::ranges::stable_sort(file.entries, {}, &ConfigEntry::line);
  return file;
}

std::string toml_quoted(std::string_view text) {
  std::ostringstream quoted;
  quoted << toml::toml_formatter(toml::value<std::string>(std::string(text)),
                                 toml::format_flags::none);
  return std::move(quoted).str();
}

}  // namespace ordercast::app
