// One client's stay at a stream, as the operator sees it: counted when it begins and when it ends,
// with the reason, and told in the access log. Confined to the connection's thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/view.h"
#include "http/request.h"
#include "hub/frames.h"
#include "hub/traffic.h"

namespace ordercast::http {

// Who asks, and for what: kept from the request, which is gone when the stream runs. No more than
// the log shows: never a token, a cookie, or the query as it was sent.
struct Visitor {
  std::string address;
  std::string user_agent;
  std::string subject;  // of the token
  std::string stream;
  std::string view = {};  // what of it, in words of the query

  [[nodiscard]] static Visitor of(const Request& request);
};

// The filter, the columns, the events and the times of a view, on one line.
[[nodiscard]] std::string summary_of(const ViewSpec& view);

class StreamVisit {
 public:
  // Both outlive it.
  StreamVisit(const Visitor& visitor, hub::Traffic& traffic);
  // Without end() it ended by an exception.
  ~StreamVisit();
  StreamVisit(const StreamVisit&) = delete;
  StreamVisit& operator=(const StreamVisit&) = delete;

  // Sent by this thread, which counts it for all; `replayed`: it is history.
  void sent(const hub::Sent& sent, bool replayed = false);
  // Sent by the fan-out, which has counted it.
  void sent_by_fan_out(const hub::Sent& sent) { from_fan_out_ = sent; }
  // It ends; `reason` is a word of hub::Traffic::closed.
  void end(std::string_view reason) { reason_ = reason; }

 private:
  void log() const;

  const Visitor& visitor_;
  hub::Traffic& traffic_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  hub::Sent sent_;
  hub::Sent from_fan_out_;
  std::string_view reason_ = "error";
};

}  // namespace ordercast::http
