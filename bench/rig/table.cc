#include "rig/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ordercast::bench {
namespace {

std::string with_commas(long long value) {
  auto text = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (auto at = text.size(); at > sign + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      text += i < texts_ ? fmt::format("| {:<{}} ", rows_[r][i], widths[i])
                         : fmt::format("| {:>{}} ", rows_[r][i], widths[i]);
    }
    text += "|\n";
    if (r > 0) continue;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += fmt::format("|{}{}", std::string(widths[i] + 1, '-'), i < texts_ ? '-' : ':');
    }
    text += "|\n";
  }
  return text;
}

std::string number(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return with_commas(std::llround(value));
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.{}f}", value, size >= 0.9995 || size == 0 ? 2 : 3);
}

std::string count(std::uint64_t value) {
  return with_commas(static_cast<long long>(value));
}

std::string ratio(double value, double reference) {
  return reference > 0 ? fmt::format("{:.2f}x", value / reference) : "-";
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace ordercast::bench
