#include "app/metric_families.h"

#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>

namespace ordercast::app {
namespace {

using Catch::Contains;

std::string text_of(MetricFamilies& families) {
  return prometheus::TextSerializer().Serialize(families.take());
}

TEST_CASE("Families have the prefix, but those that all programs share", "[metrics]") {
  MetricFamilies families;
  families.counter("events_sent_total", "Events.", 7);
  families.gauge("process_open_fds", "Files.", 3);
  const auto text = text_of(families);
  CHECK_THAT(text, Contains("# HELP ordercast_events_sent_total Events.\n"
                            "# TYPE ordercast_events_sent_total counter\n"
                            "ordercast_events_sent_total 7\n"));
  CHECK_THAT(text, Contains("\nprocess_open_fds 3\n"));
}

TEST_CASE("What is not known is left out", "[metrics]") {
  MetricFamilies families;
  families.gauge("notify_queue_ratio", "How full.", std::nullopt);
  CHECK(text_of(families).empty());
}

TEST_CASE("Each reason is a sample, whatever it holds", "[metrics]") {
  MetricFamilies families;
  families.counters("closed_total", "Ends.", "reason", {{"drain", 1}, {"a\"b\\c\nd", 2}});
  CHECK_THAT(text_of(families), Contains("ordercast_closed_total{reason=\"drain\"} 1\n") &&
                                    Contains("{reason=\"a\\\"b\\\\c\\nd\"} 2\n"));
}

TEST_CASE("A latency is a histogram whose buckets are cumulative", "[metrics]") {
  Latency latency;
  latency.observe(std::chrono::milliseconds(2));
  latency.observe(std::chrono::milliseconds(2));
  latency.observe(std::chrono::seconds(20));
  MetricFamilies families;
  families.histogram("replay_seconds", "Replays.", latency);
  CHECK_THAT(text_of(families),
             Contains("_bucket{le=\"0.001\"} 0\n") && Contains("_bucket{le=\"0.0025\"} 2\n") &&
                 Contains("_bucket{le=\"10\"} 2\n") && Contains("_bucket{le=\"+Inf\"} 3\n") &&
                 Contains("ordercast_replay_seconds_count 3\n") &&
                 Contains("ordercast_replay_seconds_sum 20.004"));
}

}  // namespace
}  // namespace ordercast::app
