// What a server has answered so far. Thread-safe.
#pragma once

#include "base/tally.h"

namespace ordercast::http {

struct AnswerCounters {
  Tally statuses{"200"};  // of whole answers; a stream is a 200
  // Requests that were refused, by the `code` of the problem that they were told (json_error.h):
  // whoever answers json_error() is counted here, and so are connections that are turned away.
  Tally refusals{"bad_parameter",        "overloaded",
                 "too_many_connections", "too_many_new_connections",
                 "too_many_streams",     "too_many_tenant_streams",
                 "unknown_stream"};
};

}  // namespace ordercast::http
