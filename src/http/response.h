// What a route answers: a whole Response, or a StreamSession that takes the connection over, or a
// Refusal for now. Values.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "http/refusal.h"
#include "http/request.h"

namespace ordercast::http {

class StreamWriter;

// Sent with Content-Length and `Connection: close`. The server adds X-Content-Type-Options and
// Referrer-Policy to every answer; HTML brings its own Content-Security-Policy (kHtmlPolicy). A
// header that would break the message (a name that is no token, a control character in a value)
// turns the answer into a 500 and a log line.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::vector<Header> headers{};
  std::string code{};  // of a problem (json_error.h): for /metrics and the log
};

// A connection taken over by its route. The server writes `200`, the headers and `content_type`,
// then calls `run` on the connection's own thread; when `run` returns, the stream is ended
// properly, when it throws it is cut, so that the client sees the difference. A HEAD request gets
// the head only and never runs. `run` must return soon after its writer says false or the program
// stops (see Server::stop).
struct StreamSession {
  std::string content_type;
  std::vector<Header> headers{};
  std::function<void(StreamWriter&)> run;
};

// A Refusal is one that passes by itself: the server gives it the form that the client can live
// with (refusal_form.h).
using StreamAnswer = std::variant<Response, StreamSession, Refusal>;

// For HTML answers: only this origin's own files, and no page may frame ours.
inline constexpr char kHtmlPolicy[] = "default-src 'self'; frame-ancestors 'none'";

}  // namespace ordercast::http
