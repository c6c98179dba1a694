#include "app/setting.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <set>

#include "app/serve_options.h"

namespace ordercast::app {
namespace {

using Catch::Contains;
using Kind = ConfigEntry::Kind;

std::string environment_of(std::string key) {
  std::ranges::transform(key, key.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return "ORDERCAST_" + key;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

TEST_CASE("Each option of serve can be set in the file and by the environment", "[setting]") {
  ServeOptions options;
  CLI::App app;
  options.add_to(app);
  std::set<std::string> keys;
  for (const auto& setting : Setting::all_of(app)) {
    INFO(setting.key());
    CHECK(keys.insert(setting.key()).second);
    CHECK(setting.environment() == environment_of(setting.key()));
    CHECK_FALSE(setting.help().empty());
    // What has another type_name() than CLI11's own of numbers would be taken for text.
    if (is_number(setting.default_value())) CHECK(setting.kind() != Kind::kText);
  }
  CHECK(keys.contains("database"));
  CHECK(keys.contains("max-streams"));
  CHECK_FALSE(keys.contains("config"));
  CHECK_FALSE(keys.contains("help"));
}

// One option of each kind.
struct Options {
  std::string text = "a";
  std::vector<std::string> list;
  std::optional<std::size_t> count;
  double rate = 2.5;
  bool flag = false;
  std::string mode;
  std::string url;

  explicit Options(CLI::App& app) {
    app.add_option("--text", text, "words [of course]")->type_name("HOST:PORT");
    app.add_option("--list", list, "a list");
    app.add_option("--count", count, "a count [all]")->check(CLI::Range(1, 2'000'000));
    app.add_option("--rate", rate, "a rate")->capture_default_str()->check(reloadable());
    app.add_flag("--flag", flag, "a flag");
    app.add_option("--mode", mode)->check(CLI::IsMember({"x", "y"}))->check(reloadable());
    app.add_option("--url", url)->type_name("URL");
  }
};

Setting setting(CLI::App& app, const char* flag) {
  return Setting(*app.get_option(flag));
}

TEST_CASE("What a setting takes is said in words", "[setting]") {
  CLI::App app;
  const Options options(app);
  CHECK(setting(app, "--text").expected() == "text (HOST:PORT)");
  CHECK(setting(app, "--list").expected() == "text, or a list of such");
  CHECK(setting(app, "--count").expected() == "a whole number from 1 to 2000000");
  CHECK(setting(app, "--rate").expected() == "a number");
  CHECK(setting(app, "--flag").expected() == "true or false");
  CHECK(setting(app, "--mode").expected() == "one of x, y");
  CHECK(setting(app, "--count").takes(Kind::kInteger));
  CHECK_FALSE(setting(app, "--count").takes(Kind::kNumber));
  CHECK(setting(app, "--rate").takes(Kind::kInteger));
  CHECK_FALSE(setting(app, "--text").takes(Kind::kInteger));
}

TEST_CASE("What holds by default is a value, or told by the end of the help", "[setting]") {
  CLI::App app;
  const Options options(app);
  CHECK(setting(app, "--rate").default_value() == "2.5");
  CHECK(setting(app, "--flag").default_value() == "false");
  CHECK(setting(app, "--count").default_value().empty());
  CHECK(setting(app, "--count").default_in_words() == "all");
  CHECK(setting(app, "--count").help() == "a count");
  CHECK(setting(app, "--list").default_in_words() == "none");
  CHECK(setting(app, "--list").values().empty());
  CHECK(setting(app, "--rate").values() == std::vector<std::string>{"2.5"});
  app.parse("--list a --list b --rate 3", false);
  CHECK(setting(app, "--list").values() == std::vector<std::string>{"a", "b"});
  CHECK(setting(app, "--rate").values() == std::vector<std::string>{"3"});
}

TEST_CASE("What SIGHUP changes is marked, whatever else is checked", "[setting]") {
  CLI::App app;
  const Options options(app);
  CHECK(setting(app, "--rate").can_reload());
  CHECK(setting(app, "--mode").can_reload());
  CHECK_FALSE(setting(app, "--count").can_reload());
  CHECK_FALSE(setting(app, "--text").can_reload());
  CHECK_THROWS_AS(app.parse("--mode z", false), CLI::ValidationError);
}

TEST_CASE("A secret is in nothing that is shown", "[setting]") {
  CLI::App app;
  const Options options(app);
  const auto url = setting(app, "--url");
  CHECK(url.toml({"host=db password=hunter2"}) == R"("password=*** host=db")");
  CHECK_THAT(url.toml({"https://u:hunter2@example"}), !Contains("hunter2"));
  const std::string key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
  CHECK(setting(app, "--text").toml({key}) == R"("***")");
  CHECK(setting(app, "--list").toml({"k.pem", key}) == R"(["k.pem", "***"])");
}

}  // namespace
}  // namespace ordercast::app
