// One request, for /metrics and the access log: who asked what, and how it was answered. Confined
// to the connection's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "http/answer_counters.h"
#include "http/request.h"

namespace ordercast::http {

class RequestRecord {
 public:
  // It begins now. `counters` outlives it.
  explicit RequestRecord(AnswerCounters& counters) : counters_(counters) {}
  RequestRecord(const RequestRecord&) = delete;
  RequestRecord& operator=(const RequestRecord&) = delete;

  // Not called when the request cannot be read. `request` outlives it.
  void asked(const Request& request) { request_ = &request; }
  // `code` is a problem's, or empty; `bytes` those of the whole answer.
  void answered(int status, std::string_view code, std::size_t bytes) const;

 private:
  AnswerCounters& counters_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const Request* request_ = nullptr;
};

}  // namespace ordercast::http
