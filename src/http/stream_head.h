// The head of the answer that begins a stream. Pure.
#pragma once

#include <string>

#include "http/response.h"
#include "http/stream_writer.h"

namespace ordercast::http {

// Status line and headers with the empty line. Its headers must be valid_headers(). The status line
// says HTTP/1.1 to a 1.0 client as well (RFC 9110 section 6.2); the framing is what differs.
[[nodiscard]] std::string stream_head(const StreamSession& session, StreamWriter::Framing framing);

}  // namespace ordercast::http
