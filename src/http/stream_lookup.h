// The stream that a request names, or the answer when it cannot be served. Thread-safe.
#pragma once

#include <string>
#include <variant>

#include "core/grant.h"
#include "core/stream_info.h"
#include "http/granted_stream.h"
#include "http/response.h"
#include "hub/hub.h"

namespace ordercast::http {

// As the grant shows it, or the answer: see grant_stream(); 503 while the database was never
// reached.
[[nodiscard]] std::variant<GrantedStream, Response> find_stream(const hub::Hub& hub,
                                                                const Grant& grant,
                                                                const std::string& name);

// 404 with the names of those that the grant lists.
[[nodiscard]] Response unknown_stream(const std::string& name, const Grant& grant,
                                      const Catalog& catalog);

// 503: the database cannot be asked now. For catchers of HistoryUnavailable.
[[nodiscard]] Response database_away();

}  // namespace ordercast::http
