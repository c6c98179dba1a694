// GET /metrics: the numbers of this process in Prometheus' text format. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "http/server.h"

namespace ordercast::http {

enum class MetricsAudience {
  kAnybody,  // who reaches the port: it has been opened for that
  // Who asks on this machine: how many orders a shop has is nobody else's business. A proxy in
  // front of the port asks for others: what says so (Forwarded, X-Forwarded-*, X-Real-IP, Via, or a
  // Host that is not this machine's) gets 404. It also keeps out a page whose own name was made to
  // resolve to 127.0.0.1 (DNS rebinding).
  kThisMachine,
};

// `text` is called for each request.
void add_metrics_route(Server& server, MetricsAudience audience, std::function<std::string()> text);

[[nodiscard]] bool asked_on_this_machine(const Request& request);

}  // namespace ordercast::http
