// Why a request is not served. A value of constant texts: nothing that the client sent, and nothing
// that an exception said, can get into an answer through it.
#pragma once

namespace ordercast::http {

struct Refusal {
  int status;           // 4xx or 5xx
  const char* code;     // stable, for programs
  const char* message;  // what is wrong and what to do, for people
};

}  // namespace ordercast::http
