// POST and DELETE /v1/session: a token becomes the cookie that EventSource sends, and goes again.
// POST /v1/tickets: a ticket for a page of another site. Thread-safe.
#pragma once

#include "http/server.h"
#include "http/tickets.h"
#include "http/token_access.h"

namespace ordercast::http {

// `access` and `tickets` outlive the server.
void add_session_routes(Server& server, const TokenAccess& access, Tickets& tickets);

}  // namespace ordercast::http
