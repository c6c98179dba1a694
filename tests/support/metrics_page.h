// A page of /metrics, taken apart. A value.
#pragma once

#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

namespace ordercast::testing {

class MetricsPage {
 public:
  explicit MetricsPage(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string first;
      std::string kind;
      std::string name;
      words >> first;
      if (first == "#") {
        words >> kind >> name;
        std::string rest;
        std::getline(words >> std::ws, rest);
        (kind == "HELP" ? helps_ : types_)[name] = rest;
      } else {
        const auto space = line.rfind(' ');
        samples_[line.substr(0, space)] = std::stod(line.substr(space + 1));
      }
    }
  }

  // Of a sample as it is written: R"(ordercast_streams_closed_total{reason="drain"})".
  [[nodiscard]] double value(const std::string& sample) const {
    const auto found = samples_.find(sample);
    if (found == samples_.end()) throw std::runtime_error("no sample " + sample);
    return found->second;
  }
  [[nodiscard]] const std::map<std::string, double>& samples() const { return samples_; }
  // By the name of the family.
  [[nodiscard]] const std::map<std::string, std::string>& helps() const { return helps_; }
  [[nodiscard]] const std::map<std::string, std::string>& types() const { return types_; }
  // The names that a query can use: with _bucket, _sum and _count.
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& [sample, value] : samples_) names.insert(sample.substr(0, sample.find('{')));
    return names;
  }

 private:
  std::map<std::string, double> samples_;
  std::map<std::string, std::string> helps_;
  std::map<std::string, std::string> types_;
};

}  // namespace ordercast::testing
