// Serves one connection: reads its one request, answers it or hands it to a stream session, parts.
// Thread-safe; runs on the connection's own thread.
#pragma once

#include "http/answer_counters.h"
#include "http/guarded_library.h"
#include "http/router.h"
#include "http/server_options.h"

namespace ordercast::http {

// What the connections of a server share. All but `answers` is immutable while they run.
struct Site {
  ServerOptions options;
  Router router;
  GuardedLibrary library;
  AnswerCounters& answers;
};

// Nothing gets out: whatever a handler or a session throws is logged, and the process goes on.
// Does not close the socket.
void serve_connection(int fd, const Site& site) noexcept;

}  // namespace ordercast::http
