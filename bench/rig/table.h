// A Markdown table with aligned columns, as it goes into bench/README.md. Confined to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ordercast::bench {

class Table {
 public:
  // The first `texts` columns are text, the others are numbers and stand on the right.
  explicit Table(std::vector<std::string> columns, std::size_t texts = 1)
      : texts_(texts), rows_{std::move(columns)} {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string text() const;

 private:
  std::size_t texts_;
  std::vector<std::vector<std::string>> rows_;
};

// Three digits that count: "0.123", "4.56", "78.9", "1,234".
[[nodiscard]] std::string number(double value);
// "10,000"
[[nodiscard]] std::string count(std::uint64_t value);
// "1.06x"; "-" when there is nothing to compare with.
[[nodiscard]] std::string ratio(double value, double reference);
[[nodiscard]] double median(std::vector<double> values);

}  // namespace ordercast::bench
