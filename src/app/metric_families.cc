#include "app/metric_families.h"

#include <limits>
#include <utility>

namespace ordercast::app {

using prometheus::ClientMetric;
using prometheus::MetricType;

prometheus::MetricFamily& MetricFamilies::add(const std::string& name, const std::string& help,
                                              MetricType type) {
  const bool shared = name.starts_with("process_");
  return families_.emplace_back(
      prometheus::MetricFamily{shared ? name : "ordercast_" + name, help, type, {}});
}

void MetricFamilies::counter(const std::string& name, const std::string& help, double value) {
  ClientMetric metric;
  metric.counter.value = value;
  add(name, help, MetricType::Counter).metric.push_back(std::move(metric));
}

void MetricFamilies::counters(const std::string& name, const std::string& help,
                              const std::string& label, const Tally::Counts& values) {
  auto& family = add(name, help, MetricType::Counter);
  for (const auto& [word, value] : values) {
    ClientMetric metric;
    metric.label.push_back({label, word});
    metric.counter.value = static_cast<double>(value);
    family.metric.push_back(std::move(metric));
  }
}

void MetricFamilies::gauge(const std::string& name, const std::string& help,
                           std::optional<double> value) {
  if (!value) return;
  ClientMetric metric;
  metric.gauge.value = *value;
  add(name, help, MetricType::Gauge).metric.push_back(std::move(metric));
}

void MetricFamilies::info(const std::string& name, const std::string& help,
                          const std::string& label, const std::string& value) {
  ClientMetric metric;
  metric.label.push_back({label, value});
  metric.gauge.value = 1;
  add(name, help, MetricType::Gauge).metric.push_back(std::move(metric));
}

void MetricFamilies::histogram(const std::string& name, const std::string& help,
                               const Latency& latency) {
  const auto summary = latency.summary();
  ClientMetric metric;
  auto& histogram = metric.histogram;
  for (std::size_t i = 0; i < summary.buckets.size(); ++i) {
    histogram.sample_count += summary.buckets[i];
    histogram.bucket.push_back(
        {histogram.sample_count, i < Latency::kBounds.size()
                                     ? Latency::kBounds[i]
                                     : std::numeric_limits<double>::infinity()});
  }
  histogram.sample_sum = summary.sum_seconds;
  add(name, help, MetricType::Histogram).metric.push_back(std::move(metric));
}

}  // namespace ordercast::app
