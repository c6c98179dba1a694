// Reads one request off a fresh connection: head, then exactly the body that the head announces,
// all under one deadline, within the limits. What follows is never looked at: one connection
// carries one request, so that no part of a message can become a second one. Thread-safe (no
// state).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "http/refusal.h"
#include "http/request.h"
#include "http/server_options.h"
#include "http/wire.h"

namespace ordercast::http {

// A request as it came in. `segments` are the path's (see RequestHead).
struct IncomingRequest {
  Request request;
  std::vector<std::string> segments;
};

struct RefusedRequest {
  Refusal refusal;
  bool head_only;  // it was a HEAD: its answer has no body (RFC 9110 section 9.3.2)
};

// There is nobody to answer: the peer closed, or sent nothing at all (browsers open such spare
// connections).
struct NoRequest {};

using ReadResult = std::variant<IncomingRequest, RefusedRequest, NoRequest>;

[[nodiscard]] ReadResult read_request(const Wire& wire, const HeadLimits& limits,
                                      Deadline deadline);

}  // namespace ordercast::http
