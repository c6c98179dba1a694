#include "http/refusal_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/backoff.h"
#include "core/frame_format.h"
#include "http/header_rules.h"
#include "http/json_error.h"

namespace ordercast::http {
namespace {

std::chrono::milliseconds drawn(const RetryDelay& delay) {
  return delay.least +
         std::chrono::milliseconds(random_up_to(static_cast<std::uint64_t>(delay.spread.count())));
}

Response as_event_stream(const Refusal& why, std::chrono::milliseconds retry) {
  constexpr auto kFormat = FrameFormat::kSse;
  const auto data =
      fmt::format(R"({{"refused":"{}","detail":{}}})", why.code, json_string(why.message));
  std::string frames;
  append_retry(frames, kFormat, retry);
  append_event(frames, kFormat, {.id = {}, .name = "status", .data = data});
  return {.content_type = std::string(media_type(kFormat)),
          .body = std::move(frames),
          .headers = {{"Cache-Control", "no-store"}},
          .code = why.code};
}

Response as_problem(const Refusal& why, std::chrono::milliseconds retry) {
  using std::chrono::ceil, std::chrono::seconds;
  auto response = json_error(why.status, why.code, why.message);
  response.headers.push_back({"Retry-After", std::to_string(ceil<seconds>(retry).count())});
  return response;
}

}  // namespace

bool accepts_event_stream(const std::vector<Header>& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const Header& header) {
    return same_header_name(header.name, "Accept") &&
           header.value.find("text/event-stream") != header.value.npos;
  });
}

Response turn_away(bool event_stream, const Refusal& why, const RetryDelays& delays) {
  const auto retry = drawn(why.status == 429 ? delays.limited : delays.overloaded);
  return event_stream ? as_event_stream(why, retry) : as_problem(why, retry);
}

}  // namespace ordercast::http
