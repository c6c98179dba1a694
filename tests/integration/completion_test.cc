// The completions and the manual page, in the shells and the checker that they are for. What they
// must hold is read from the help, which the library of the command line makes.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

using Words = std::set<std::string>;

Words lines_of(const std::string& text) {
  std::istringstream in(text);
  Words lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.insert(line);
  }
  return lines;
}

std::string printed(std::vector<std::string> arguments) {
  const auto result = run_ordercast(std::move(arguments));
  REQUIRE(result.code == 0);
  return result.out;
}

// A script of a shell's own, as a file.
class Script {
 public:
  explicit Script(const std::string& shell) : path_(dir_.path() / shell) {
    std::ofstream(path_) << printed({"completion", shell});
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string folder() const { return dir_.path(); }

 private:
  TempDir dir_;
  std::string path_;
};

// What bash offers for the last of these words.
Words bash_offers(const Script& script, const std::vector<std::string>& words) {
  std::vector<std::string> argv{"bash",
                                "-c",
                                "set -u; cd \"$1\"; source \"$2\"; shift 2; COMP_WORDS=(\"$@\"); "
                                "COMP_CWORD=$(($# - 1)); _ordercast; "
                                "printf '%s\\n' ${COMPREPLY+\"${COMPREPLY[@]}\"}",
                                "bash",
                                script.folder(),
                                script.path()};
  argv.insert(argv.end(), words.begin(), words.end());
  return lines_of(output_of(argv));
}

// The long options that the help of a command lists.
Words options_in_help(std::vector<std::string> command) {
  command.emplace_back("--help");
  const auto help = printed(command);
  const std::regex line("(?:^|\n)  (?:-[a-z],)?(--[a-z0-9-]+)");
  Words options;
  for (std::sregex_iterator at(help.begin(), help.end(), line), end; at != end; ++at) {
    options.insert(at->str(1));
  }
  return options;
}

Words commands_in_help() {
  const auto help = printed({"--help"});
  const auto list = help.substr(help.find("Subcommands:"));
  const std::regex line("\n  ([a-z]+) ");
  Words commands;
  for (std::sregex_iterator at(list.begin(), list.end(), line), end; at != end; ++at) {
    commands.insert(at->str(1));
  }
  return commands;
}

bool holds_all(const Words& offered, const Words& expected) {
  return std::includes(offered.begin(), offered.end(), expected.begin(), expected.end());
}

TEST_CASE("bash completes every command, and every option of each") {
  const Script script("bash");
  const auto commands = commands_in_help();
  REQUIRE(commands.size() > 8);
  CHECK(holds_all(bash_offers(script, {"ordercast", ""}), commands));
  for (const auto& command : commands) {
    INFO(command);
    const auto options = options_in_help({command});
    REQUIRE(options.count("--help") == 1);
    CHECK(bash_offers(script, {"ordercast", command, "--"}) == options);
  }
  CHECK(bash_offers(script, {"ordercast", "token", ""}) == Words{"mint", "verify", "-h", "--help"});
  CHECK(bash_offers(script, {"ordercast", "token", "mint", "--all"}) == Words{"--all-tenants"});
  CHECK(bash_offers(script, {"ordercast", "man"}).empty());  // hidden
}

TEST_CASE("bash completes values: those of a list, files and folders, and nothing else") {
  const Script script("bash");
  CHECK(bash_offers(script, {"ordercast", "serve", "--wake", "po"}) == Words{"poll"});
  // As bash cuts `--wake=` and `--wake=po`.
  CHECK(bash_offers(script, {"ordercast", "serve", "--wake", "="}).count("armed") == 1);
  CHECK(bash_offers(script, {"ordercast", "serve", "--wake", "=", "po"}) == Words{"poll"});
  CHECK(bash_offers(script, {"ordercast", "serve", "--jwt-key", "ba"}) == Words{"bash"});
  CHECK(bash_offers(script, {"ordercast", "serve", "--listen", ""}).empty());
  CHECK(bash_offers(script, {"ordercast", "serve", "--open", "--wa"}) == Words{"--wake"});
}

TEST_CASE("zsh completes at a terminal") {
  const Script script("zsh");
  const auto completed = [&](const std::string& typed) {
    // A zsh with a line editor, on a pseudo-terminal; Ctrl-X shows the line as it is.
    return output_of({"zsh", "-f", "-c",
                      "zmodload zsh/zpty; zpty z zsh -f -i;"
                      "zpty -w z \"PS1=; autoload -U compinit; compinit -D -u; source $1; "
                      "show() { print -r -- \\\"<<\\$BUFFER>>\\\" }; zle -N show; "
                      "bindkey '^X' show; print rea''dy\";"
                      "zpty -r z out '*ready*'; zpty -w -n z \"$2\"$'\\t\\x18';"
                      "zpty -r z out '*<<*>>*'; print -r -- \"${${out##*<<}%%>>*}\"",
                      "zsh", script.path(), typed});
  };
  CHECK(completed("ordercast tok") == "ordercast token \n");
  CHECK(completed("ordercast token mint --all") == "ordercast token mint --all-tenants \n");
  CHECK(completed("ordercast serve --wake po") == "ordercast serve --wake poll \n");
}

TEST_CASE("fish completes, with descriptions") {
  const Script script("fish");
  const auto offers = [&](const std::string& line) {
    return output_of(
        {"fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script.path(), line},
        {.environment = {{"HOME", script.folder()}}});
  };
  CHECK(offers("ordercast tok") == "token\tMake and check the tokens that clients bring\n");
  CHECK_THAT(offers("ordercast token "), Contains("mint\t") && !Contains("serve"));
  CHECK_THAT(offers("ordercast token mint --all"), Catch::StartsWith("--all-tenants\t"));
  CHECK_THAT(offers("ordercast serve --wake po"), Catch::StartsWith("poll\t"));
}

TEST_CASE("The manual page is sound, and has every option of every command") {
  const TempDir dir;
  const std::string path = dir.path() / "ordercast.1";
  std::ofstream(path) << printed({"man"});
  // It has no date, so that two builds of one version are alike.
  auto lint = TestProcess({"mandoc", "-T", "lint", "-W", "warning", path});
  std::string problems;
  while (const auto line = lint.read_line()) {
    if (line->find("missing date") == std::string::npos) problems += *line + "\n";
  }
  CHECK(problems.empty());
  const auto page = output_of({"mandoc", "-T", "utf8", "-O", "width=200", path});
  const auto plain = std::regex_replace(page, std::regex(".\b"), "");
  for (const auto& command : commands_in_help()) {
    INFO(command);
    CHECK_THAT(plain, Contains("ordercast " + command));
    for (const auto& option : options_in_help({command})) CHECK_THAT(plain, Contains(option));
  }
  CHECK_THAT(plain, Contains("--listen HOST:PORT") && Contains("ORDERCAST_LISTEN"));
}

}  // namespace
}  // namespace ordercast
