// POST and DELETE /v1/session: a token becomes the cookie that EventSource sends, and goes again,
// with the streams that it has opened.
// POST /v1/tickets: a ticket for a page of another site. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "http/server.h"
#include "http/tickets.h"
#include "http/token_access.h"

namespace ordercast::http {

// Ends the open streams of a session (Grant::session).
using SignOut = std::function<void(const std::string& session)>;

// `access` and `tickets` outlive the server.
void add_session_routes(Server& server, const TokenAccess& access, Tickets& tickets,
                        SignOut sign_out);

}  // namespace ordercast::http
