// Serves one connection: reads its one request, answers it or hands it to a stream session, parts.
// Thread-safe; runs on the connection's own thread.
#pragma once

#include <memory>
#include <utility>

#include "http/accepted_connection.h"
#include "http/access.h"
#include "http/admission.h"
#include "http/answer_counters.h"
#include "http/client_limits.h"
#include "http/cors.h"
#include "http/guarded_library.h"
#include "http/router.h"
#include "http/server_options.h"

namespace ordercast::http {

// What the connections of a server share: immutable while they run, or thread-safe.
struct Site {
  explicit Site(ServerOptions all_options)
      : options(std::move(all_options)), limits(options), admission(options.admission) {}

  const ServerOptions options;  // but for what `limits` and `admission` have by now
  LiveClientLimits limits;
  Router router;
  Router always;  // what those are answered, too, who are refused all else
  GuardedLibrary library;
  Admission admission;
  AnswerCounters answers{};
  std::shared_ptr<const Access> access =
      std::make_shared<OpenAccess>(true, std::vector<std::string>());
  Cors cors = {};
};

// Nothing gets out: whatever a handler or a session throws is logged, and the process goes on.
// Does not close the socket.
void serve_connection(AcceptedConnection& connection, Site& site) noexcept;

}  // namespace ordercast::http
