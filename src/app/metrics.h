// The numbers of a node as Prometheus' metric families (docs/operations.md has the table). The
// layers count; here a scrape turns that into families. One more metric is one more line in
// metrics.cc. Thread-safe.
#pragma once

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <vector>

#include "app/log_sink.h"
#include "http/server.h"
#include "hub/hub.h"
#include "pg/listener.h"
#include "pg/log_reader.h"

namespace ordercast::app {

class Metrics : public prometheus::Collectable {
 public:
  // All outlive it; `log` may be null.
  Metrics(const hub::Hub& hub, const http::Server& server, const pg::LogReader& history,
          const pg::Listener& listener, std::shared_ptr<const LogSink> log)
      : hub_(hub), server_(server), history_(history), listener_(listener), log_(std::move(log)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
  // The same in Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  const hub::Hub& hub_;
  const http::Server& server_;
  const pg::LogReader& history_;
  const pg::Listener& listener_;
  const std::shared_ptr<const LogSink> log_;
};

}  // namespace ordercast::app
