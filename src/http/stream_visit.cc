#include "http/stream_visit.h"

#include <new>

#include "http/access_line.h"

namespace ordercast::http {

Visitor Visitor::of(const Request& request) {
  return {.address = request.client_addr,
          .user_agent = std::string(request.header("User-Agent").value_or("")),
          .subject = request.grant->subject,
          .stream = request.path_parameter};
}

std::string summary_of(const ViewSpec& view) {
  std::string summary;
  for (const auto& part : {view.filter.canonical(), view.selection.canonical(),
                           view.events.canonical(), view.window.canonical()}) {
    if (part.empty()) continue;
    if (!summary.empty()) summary += ' ';
    summary += part;
  }
  return summary;
}

StreamVisit::StreamVisit(const Visitor& visitor, hub::Traffic& traffic)
    : visitor_(visitor), traffic_(traffic) {
  traffic_.opened.add();
}

StreamVisit::~StreamVisit() {
  sent_ += from_fan_out_;
  try {
    traffic_.closed.add(reason_);
    log();
  } catch (const std::bad_alloc&) {
    // The stream has ended, with or without a line about it.
  }
}

void StreamVisit::log() const {
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin_;
  AccessLine(AccessLine::Level::kStream, "stream ended")
      .add("stream", visitor_.stream)
      .add("reason", reason_)
      .add("events", sent_.events)
      .add("bytes", sent_.bytes)
      .add_seconds("duration_seconds", time.count())
      .add("address", visitor_.address)
      .add("view", visitor_.view)
      .add("subject", visitor_.subject)
      .add("user_agent", visitor_.user_agent)
      .write();
}

void StreamVisit::sent(const hub::Sent& sent, bool replayed) {
  sent_ += sent;
  traffic_.events.add(sent.events);
  traffic_.bytes.add(sent.bytes);
  if (replayed) traffic_.replayed.add(sent.events);
}

}  // namespace ordercast::http
