#include "app/option_type.h"

#include <sstream>

namespace ordercast::app {
namespace {

std::string name_in(std::string_view text) {
  const auto colon = text.find(':');
  const bool validated = text.find_first_of("{[(", colon == text.npos ? 0 : colon) != text.npos;
  return std::string(validated ? text.substr(0, colon) : text);
}

std::vector<std::string> choices_in(std::string_view text) {
  const auto open = text.find('{');
  if (open == text.npos || text.back() != '}') return {};
  std::istringstream list{std::string(text.substr(open + 1, text.size() - open - 2))};
  std::vector<std::string> choices;
  // A list of names and what they stand for, "{s->1}", is of names.
  for (std::string one; std::getline(list, one, ',');)
    choices.push_back(one.substr(0, one.find("->")));
  return choices;
}

std::optional<std::pair<double, double>> range_in(std::string_view text) {
  constexpr std::string_view kOpen = " in [";
  constexpr std::string_view kTo = " - ";
  const auto open = text.find(kOpen);
  if (open == text.npos) return std::nullopt;
  const auto begin = open + kOpen.size();
  const auto to = text.find(kTo, begin);
  const auto end = text.find(']', begin);
  if (to == text.npos || end == text.npos) return std::nullopt;
  const auto after = to + kTo.size();
  return std::pair(std::stod(std::string(text.substr(begin, to - begin))),
                   std::stod(std::string(text.substr(after, end - after))));
}

}  // namespace

OptionType OptionType::parse(std::string_view text) {
  return {.name = name_in(text), .choices = choices_in(text), .range = range_in(text)};
}

}  // namespace ordercast::app
