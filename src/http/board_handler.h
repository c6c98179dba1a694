// GET / and its files: the order board, from the binary itself. No path of a request ever reaches a
// file system.
#pragma once

#include "http/server.h"

namespace ordercast::http {

void add_board_routes(Server& server);

}  // namespace ordercast::http
