// The two forms of a refusal that passes by itself, and the only place that chooses between them.
// Whoever accepts text/event-stream gets 200, `retry:` and the reason as a `status`, then the end:
// EventSource gives up for ever on any other status (WHATWG HTML section 9.2.3). Everybody else
// gets problem details with Retry-After. The delays are random, so that a crowd which was refused
// together does not return together. Pure but for that.
#pragma once

#include <chrono>
#include <vector>

#include "http/refusal.h"
#include "http/request.h"
#include "http/response.h"

namespace ordercast::http {

// From `least` to `least + spread`.
struct RetryDelay {
  std::chrono::milliseconds least;
  std::chrono::milliseconds spread;
};

// By status: how long until another attempt makes sense.
struct RetryDelays {
  RetryDelay overloaded;  // 503: the server has too much to do, for a moment
  RetryDelay limited;     // 429: the client has too many, until it closes some
};

[[nodiscard]] bool accepts_event_stream(const std::vector<Header>& headers);

[[nodiscard]] Response turn_away(bool event_stream, const Refusal& why, const RetryDelays& delays);

}  // namespace ordercast::http
