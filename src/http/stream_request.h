// What a request for a stream asks for, read from its parameters and headers (docs/protocol.md,
// "Requests"). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/row_query.h"
#include "core/stream_info.h"
#include "core/view.h"
#include "http/request.h"
#include "http/response.h"

namespace ordercast::http {

struct StreamRequest {
  ViewSpec view;
  std::optional<std::string> last_event_id;
  // The present rows first, when set.
  std::optional<RowQuery> rows;
};

// The form that the client accepts (RFC 9110 section 12.5.1); text/event-stream when it has no
// preference, nullopt when it accepts neither.
[[nodiscard]] std::optional<FrameFormat> accepted_format(const Request& request);

// Of a request for `stream`; the answer that refuses it when it cannot be understood.
[[nodiscard]] std::variant<StreamRequest, Response> parse_stream_request(const Request& request,
                                                                         const StreamInfo& stream);

}  // namespace ordercast::http
