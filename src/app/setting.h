// An option of a verb as configuration sees it: a key of the file, a name in the environment, what
// it takes, and the values that it has been given. All of that is read from the CLI::Option, so an
// option that is added to `serve` is a setting without another word. Refers to its option, which
// outlives it. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/config_file.h"

namespace ordercast::app {

// Marks an option that SIGHUP can change: `->check(reloadable())`. It takes every value.
[[nodiscard]] CLI::Validator reloadable();

class Setting {
 public:
  explicit Setting(CLI::Option& option) : option_(&option) {}

  // Those of a command, in the order in which they were added: all but those that say
  // `->configurable(false)`, as --help does.
  [[nodiscard]] static std::vector<Setting> all_of(CLI::App& command);

  [[nodiscard]] CLI::Option& option() const { return *option_; }
  [[nodiscard]] std::string key() const;  // its flag without the dashes
  [[nodiscard]] std::string environment() const { return option_->get_envname(); }
  [[nodiscard]] std::string group() const { return option_->get_group(); }
  // Without the "[…]" at its end that tells what holds by default.
  [[nodiscard]] std::string help() const;
  [[nodiscard]] bool can_reload() const;

  // kText, kInteger, kNumber or kBoolean. An integer serves as a number.
  [[nodiscard]] ConfigEntry::Kind kind() const;
  [[nodiscard]] bool takes(ConfigEntry::Kind kind) const;
  [[nodiscard]] bool is_list() const { return option_->get_expected_max() > 1; }
  // "a whole number from 10 to 60000", "one of text, json", "true or false", "text (HOST:PORT)".
  [[nodiscard]] std::string expected() const;

  // What it has when nobody says anything, as a flag would have it; empty: nothing.
  [[nodiscard]] std::string default_value() const;
  // The same in words, where there is no such value.
  [[nodiscard]] std::string default_in_words() const;

  // Those that it has been given, or else its default.
  [[nodiscard]] std::vector<std::string> values() const;
  // A value for people and logs: what may be a secret is not in it.
  [[nodiscard]] std::string shown(const std::string& value) const;
  // Its values as the file would have them, without secrets.
  [[nodiscard]] std::string toml(const std::vector<std::string>& values) const;

 private:
  CLI::Option* option_;
};

}  // namespace ordercast::app
