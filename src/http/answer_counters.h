// What a server has answered so far. Thread-safe.
#pragma once

#include "base/tally.h"

namespace ordercast::http {

struct AnswerCounters {
  Tally statuses{"200"};  // of whole answers; a stream is a 200
  // Requests that were refused, by the `code` of the problem that they were told (json_error.h):
  // whoever answers json_error() is counted here.
  Tally refusals{"bad_parameter", "overloaded", "unknown_stream"};
};

}  // namespace ordercast::http
