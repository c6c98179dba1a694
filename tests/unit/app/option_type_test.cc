#include "app/option_type.h"

#include <catch2/catch.hpp>
#include <map>

namespace ordercast::app {
namespace {

using Choices = std::vector<std::string>;

TEST_CASE("What an option takes is read as CLI11 writes it", "[option_type]") {
  CLI::App app;
  int number = 0;
  double rate = 0;
  std::string text;
  const std::map<std::string, int> names{{"x", 1}, {"y", 2}};
  const auto type = [](const CLI::Option* option) { return OptionType::of(*option); };

  const auto range = type(app.add_option("--a", number)->check(CLI::Range(-5, 2'000'000)));
  CHECK(range.name == "INT");
  CHECK(range.range == std::pair(-5.0, 2'000'000.0));
  CHECK(range.choices.empty());
  const auto fractions = type(app.add_option("--b", rate)->check(CLI::Range(0.5, 1.5)));
  CHECK(fractions.name == "FLOAT");
  CHECK(fractions.range == std::pair(0.5, 1.5));

  const auto choice = type(app.add_option("--c", text)->check(CLI::IsMember({"a", "b-c"})));
  CHECK(choice.name == "TEXT");
  CHECK(choice.choices == Choices{"a", "b-c"});
  CHECK_FALSE(choice.range);
  const auto named =
      type(app.add_option("--d", text)->type_name("MODE")->check(CLI::IsMember(&names)));
  CHECK(named.name == "MODE");
  CHECK(named.choices == Choices{"x", "y"});

  const auto plain = type(app.add_option("--f", text)->type_name("HOST:PORT"));
  CHECK(plain.name == "HOST:PORT");
  CHECK(plain.choices.empty());
  CHECK_FALSE(plain.range);
}

}  // namespace
}  // namespace ordercast::app
