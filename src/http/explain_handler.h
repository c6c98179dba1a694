// GET /v1/streams/{stream}/explain: why a change was told to a view, or was not (docs/protocol.md,
// "Why an event came"). Thread-safe.
#pragma once

#include "core/history_reader.h"
#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// `hub` and `history` outlive the server.
void add_explain_routes(Server& server, hub::Hub& hub, HistoryReader& history);

}  // namespace ordercast::http
