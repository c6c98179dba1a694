// POST /v1/streams/{stream}/messages: an event of an application's own into a stream, in order with
// its changes (docs/protocol.md, "Messages"). Thread-safe.
#pragma once

#include "core/desk.h"
#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// Whether anybody may write is the server's Access to say. `hub` and `desk` outlive the server.
void add_message_routes(Server& server, hub::Hub& hub, Desk& desk);

}  // namespace ordercast::http
