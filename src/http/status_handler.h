// GET /livez, /readyz: what an orchestrator asks. Thread-safe.
#pragma once

#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// /livez: 200 while the server answers, whatever the database does: a restart would only make a
// reconnect storm. /readyz: 200 when streams can be served, else 503 with the reason. `hub`
// outlives the server.
void add_status_routes(Server& server, hub::Hub& hub);

}  // namespace ordercast::http
