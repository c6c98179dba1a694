// GET /v1/streams: what streams there are, and what one needs to know to use them
// (docs/protocol.md, "What there is"). Thread-safe.
#pragma once

#include "core/desk.h"
#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// `hub` and `desk` outlive the server.
void add_catalog_routes(Server& server, hub::Hub& hub, Desk& desk);

}  // namespace ordercast::http
