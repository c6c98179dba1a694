// Builds Prometheus' metric families, each in one line. Confined to one thread.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/latency.h"
#include "base/tally.h"

namespace ordercast::app {

class MetricFamilies {
 public:
  // `name` without the prefix "ordercast_", unless it is one that all programs share
  // ("process_…"). A value that is not known is left out, with its family.
  void counter(const std::string& name, const std::string& help, double value);
  void counters(const std::string& name, const std::string& help, const std::string& label,
                const Tally::Counts& values);
  void gauge(const std::string& name, const std::string& help, std::optional<double> value);
  // Always 1: its labels are what it says.
  void info(const std::string& name, const std::string& help, const std::string& label,
            const std::string& value);
  void histogram(const std::string& name, const std::string& help, const Latency& latency);

  [[nodiscard]] std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::MetricFamily& add(const std::string& name, const std::string& help,
                                prometheus::MetricType type);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace ordercast::app
