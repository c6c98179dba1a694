// A Markdown table with aligned columns, as it goes into bench/README.md. Confined to one thread.
#pragma once

#include <string>
#include <vector>

namespace ordercast::bench {

class Table {
 public:
  explicit Table(std::vector<std::string> columns) : rows_{std::move(columns)} {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // The first column is text, the others are numbers and stand on the right.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Three digits that count: "0.123", "4.56", "78.9", "1,234".
[[nodiscard]] std::string number(double value);
// "1.06x"; "-" when there is nothing to compare with.
[[nodiscard]] std::string ratio(double value, double reference);
[[nodiscard]] double median(std::vector<double> values);

}  // namespace ordercast::bench
