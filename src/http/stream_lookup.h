// The stream that a request names, or the answer when it cannot be served. Thread-safe.
#pragma once

#include <string>
#include <variant>

#include "core/stream_info.h"
#include "http/response.h"
#include "hub/hub.h"

namespace ordercast::http {

// 404 with the names of those that there are; 503 while the database was never reached.
[[nodiscard]] std::variant<StreamInfo, Response> find_stream(const hub::Hub& hub,
                                                             const std::string& name);

// 404 with the names of those that there are.
[[nodiscard]] Response unknown_stream(const std::string& name, const Catalog& catalog);

// 503: the database cannot be asked now. For catchers of HistoryUnavailable.
[[nodiscard]] Response database_away();

}  // namespace ordercast::http
