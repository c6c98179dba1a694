// GET /v1/streams/{stream}: the changes of a stream as text/event-stream (docs/protocol.md).
// Thread-safe; runs on the connections' threads.
#pragma once

#include <chrono>
#include <cstddef>

#include "http/server.h"
#include "http/stream_limits.h"
#include "hub/hub.h"

namespace ordercast::http {

struct StreamOptions {
  StreamLimits* limits =
      nullptr;  // outlives the server; none: as many as there are connections, and without end
  // `retry:` of each connection is retry_min plus a random part, so that clients which were cut
  // together do not come back together: browsers add no jitter of their own.
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_spread{4'000};
};

// `hub` outlives the server. Throws std::system_error when the system has no epoll for it.
void add_stream_routes(Server& server, hub::Hub& hub, const StreamOptions& options);

}  // namespace ordercast::http
