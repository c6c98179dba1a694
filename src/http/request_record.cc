#include "http/request_record.h"

#include <string>

#include "http/access_line.h"

namespace ordercast::http {

void RequestRecord::answered(int status, std::string_view code, std::size_t bytes) const {
  counters_.statuses.add(std::to_string(status));
  if (!code.empty()) counters_.refusals.add(code);
  constexpr auto kLevel = AccessLine::Level::kRequest;
  if (!AccessLine::wanted(kLevel)) return;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin_;
  AccessLine line(kLevel, "request");
  line.add("status", static_cast<std::uint64_t>(status)).add("code", code).add("bytes", bytes);
  line.add_seconds("duration_seconds", time.count());
  if (request_ == nullptr) return line.write();
  // Without the query: a ticket may be in it.
  line.add("method", request_->method)
      .add("path", request_->path)
      .add("address", request_->client_addr)
      .add("subject", request_->grant->subject)
      .add("user_agent", request_->header("User-Agent").value_or(""));
  line.write();
}

}  // namespace ordercast::http
