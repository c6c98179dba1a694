// What a request for a stream asks for, read from its parameters and headers (docs/protocol.md,
// "Requests"). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/cursor.h"
#include "core/row_query.h"
#include "core/view.h"
#include "http/granted_stream.h"
#include "http/request.h"
#include "http/response.h"

namespace ordercast::http {

struct StreamRequest {
  ViewSpec view;
  std::optional<std::string> last_event_id;
  // The present rows first, when set.
  std::optional<RowQuery> rows;
  // It ends with what is committed now, or at `end` when that is earlier.
  bool ends = false;
  std::optional<Position> end;
};

// The form that the client accepts (RFC 9110 section 12.5.1); text/event-stream when it has no
// preference, nullopt when it accepts neither.
[[nodiscard]] std::optional<FrameFormat> accepted_format(const Request& request);

// The view of `stream` that a request's parameters describe; those that say nothing of it are left
// alone. Throws FilterError.
[[nodiscard]] ViewSpec parse_view(const Request& request, const GrantedStream& stream);

// Of a request for `stream` in `epoch`; the answer that refuses it when it cannot be understood.
[[nodiscard]] std::variant<StreamRequest, Response> parse_stream_request(
    const Request& request, const GrantedStream& stream, const Epoch& epoch);

}  // namespace ordercast::http
