// GET /openapi.json: the description of what this server takes and answers (OpenAPI 3.1), from the
// binary itself (api/openapi.json). Public, as what it describes is.
#pragma once

#include "http/server.h"

namespace ordercast::http {

void add_api_route(Server& server);

}  // namespace ordercast::http
