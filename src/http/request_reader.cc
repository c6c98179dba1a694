#include "http/request_reader.h"

#include <array>
#include <cerrno>
#include <utility>

#include "http/head_scanner.h"
#include "http/request_head.h"

namespace ordercast::http {
namespace {

constexpr Refusal kTooSlow{408, "request_timeout",
                           "The request did not arrive in time. Send it without pauses."};

// Appends what has arrived, at least one byte; kGone when the peer has ended its side.
IoStatus receive_some(const Wire& wire, std::string& bytes, Deadline deadline) {
  std::array<char, 4096> buffer;
  for (;;) {
    if (const auto status = wire.wait_to_receive(deadline); status != IoStatus::kDone) {
      return status;
    }
    const ssize_t got = wire.receive_now(buffer.data(), buffer.size());
    if (got > 0) {
      bytes.append(buffer.data(), static_cast<std::size_t>(got));
      return IoStatus::kDone;
    }
    if (got == 0 || errno != EAGAIN) return IoStatus::kGone;
  }
}

IncomingRequest take(RequestHead head, std::string body) {
  return {.request = {.method = std::move(head.method),
                      .path = std::move(head.path),
                      .params = std::move(head.params),
                      .headers = std::move(head.headers),
                      .path_parameter = {},
                      .remote_addr = {},
                      .client_addr = {},
                      .https = false,
                      .body = std::move(body),
                      .http_1_0 = head.http_1_0},
          .segments = std::move(head.segments)};
}

}  // namespace

ReadResult read_request(const Wire& wire, const HeadLimits& limits, Deadline deadline) {
  std::string bytes;
  const auto refused = [&bytes](const Refusal& refusal) {
    return RefusedRequest{refusal, bytes.starts_with("HEAD ")};
  };

  HeadScanner scanner(limits);
  while (!scanner.complete()) {
    const auto status = receive_some(wire, bytes, deadline);
    if (status == IoStatus::kTimeout && !bytes.empty()) return refused(kTooSlow);
    if (status != IoStatus::kDone) return NoRequest{};
    if (const auto refusal = scanner.scan(bytes)) return refused(*refusal);
  }

  auto parsed = parse_request_head(std::string_view(bytes).substr(0, scanner.head_size()), limits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return refused(*refusal);
  auto& head = std::get<RequestHead>(parsed);

  std::string body = bytes.substr(scanner.head_size());
  while (body.size() < head.content_length) {
    const auto status = receive_some(wire, body, deadline);
    if (status == IoStatus::kTimeout) return refused(kTooSlow);
    if (status == IoStatus::kGone) return NoRequest{};
  }
  body.resize(head.content_length);
  return take(std::move(head), std::move(body));
}

}  // namespace ordercast::http
