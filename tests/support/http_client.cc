#include "support/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "http/header_rules.h"

namespace ordercast::testing {
namespace {

using Clock = std::chrono::steady_clock;

bool wait_readable(int fd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long long>(left.count(), 0)));
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

sockaddr_storage loopback_address(const std::string& host, std::uint16_t port) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
  } else {
    throw std::invalid_argument("not a numeric address: " + host);
  }
  return storage;
}

template <typename Number>
Number number(std::string_view text, int base) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("not a number: '{}'", text));
  }
  return value;
}

// Takes a response's head off `bytes`.
HttpResponse take_head(std::string_view& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == bytes.npos || end < 12) {
    throw std::runtime_error(fmt::format("not a response: '{}'", bytes.substr(0, 200)));
  }
  HttpResponse response;
  response.head = bytes.substr(0, end + 4);
  response.status = number<int>(bytes.substr(9, 3), 10);
  std::string_view lines = bytes.substr(0, end + 2);
  lines.remove_prefix(lines.find("\r\n") + 2);
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    const auto colon = line.find(": ");
    if (colon == line.npos) throw std::runtime_error(fmt::format("no header: '{}'", line));
    response.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    lines.remove_prefix(line.size() + 2);
  }
  bytes.remove_prefix(end + 4);
  return response;
}

void take_body(std::string_view& bytes, HttpResponse& response) {
  if (response.header("Transfer-Encoding")) {
    ChunkDecoder decoder;
    response.body = decoder.feed(bytes);
    response.complete = decoder.ended();
    bytes.remove_prefix(bytes.size() - decoder.rest().size());
  } else if (const auto length = response.header("Content-Length")) {
    const auto size = number<std::size_t>(*length, 10);
    response.body = bytes.substr(0, size);
    response.complete = response.body.size() == size;
    bytes.remove_prefix(response.body.size());
  } else {
    response.body = bytes;
    response.complete = true;
    bytes = {};
  }
}

std::string request_bytes(std::string_view method, std::string_view target, std::string_view body,
                          const std::vector<http::Header>& headers) {
  auto bytes = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  for (const auto& [name, value] : headers) bytes += fmt::format("{}: {}\r\n", name, value);
  if (!body.empty()) bytes += fmt::format("Content-Length: {}\r\n", body.size());
  return bytes.append("\r\n").append(body);
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, const std::string& host,
                             std::optional<int> receive_buffer_bytes) {
  const auto address = loopback_address(host, port);
  fd_ = UniqueFd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_buffer_bytes) {
    const int bytes = *receive_buffer_bytes;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    // Segments that fit into any window it shows: what is larger than the window the peer's kernel
    // sends by a timer of 200 ms only, and such a window may last.
    const int segment_bytes = bytes / 4;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof(segment_bytes));
  }
  const socklen_t length =
      address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
}

bool RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawConnection::end_sending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void RawConnection::reset() {
  const ::linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  fd_.reset();
}

std::string RawConnection::read_some(std::chrono::milliseconds patience) {
  if (!wait_readable(fd_.get(), Clock::now() + patience)) {
    throw std::runtime_error("nothing came from the server in time");
  }
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

std::string RawConnection::read_to_end(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::string all;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const auto some = read_some(left);
    if (some.empty()) return all;
    all += some;
  }
}

std::string RawConnection::read_until(std::string_view mark, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::string all;
  while (all.find(mark) == all.npos) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const auto some = read_some(left);
    if (some.empty()) throw std::runtime_error("the server closed after: " + all);
    all += some;
  }
  return all;
}

bool RawConnection::silent_for(std::chrono::milliseconds time) const {
  return !wait_readable(fd_.get(), Clock::now() + time);
}

std::string ChunkDecoder::feed(std::string_view bytes) {
  constexpr std::string_view kLineEnd = "\r\n";
  pending_ += bytes;
  std::string data;
  while (!ended_) {
    const auto line = pending_.find(kLineEnd);
    if (line == pending_.npos) break;
    const auto size = number<std::size_t>(std::string_view(pending_).substr(0, line), 16);
    const auto whole = line + 2 + size + 2;
    if (pending_.size() < whole) break;
    if (pending_.compare(whole - 2, 2, kLineEnd) != 0) throw std::runtime_error("torn chunk");
    data.append(pending_, line + 2, size);
    pending_.erase(0, whole);
    ended_ = size == 0;
  }
  return data;
}

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const auto& header : headers) {
    if (http::same_header_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::vector<HttpResponse> parse_responses(std::string_view bytes, bool head_only) {
  std::vector<HttpResponse> responses;
  while (!bytes.empty()) {
    auto response = take_head(bytes);
    if (head_only) {
      response.complete = true;
    } else {
      take_body(bytes, response);
    }
    responses.push_back(std::move(response));
  }
  return responses;
}

std::vector<HttpResponse> round_trip(std::uint16_t port, std::string_view bytes) {
  RawConnection connection(port);
  connection.send(bytes);
  return parse_responses(connection.read_to_end(), bytes.starts_with("HEAD "));
}

HttpResponse fetch(std::uint16_t port, std::string_view method, std::string_view target,
                   std::string_view body, const std::vector<http::Header>& headers) {
  auto responses = round_trip(port, request_bytes(method, target, body, headers));
  if (responses.size() != 1 || !responses.front().complete) {
    throw std::runtime_error(
        fmt::format("{} {}: {} responses, not one whole", method, target, responses.size()));
  }
  return std::move(responses.front());
}

EventStreamClient::EventStreamClient(std::uint16_t port, std::string_view target,
                                     const std::vector<http::Header>& headers)
    : connection_(port) {
  auto all = headers;
  all.push_back({"Accept", "text/event-stream"});
  connection_.send(request_bytes("GET", target, {}, all));
  const auto bytes = connection_.read_until("\r\n\r\n");
  std::string_view rest = bytes;
  response_ = take_head(rest);
  chunked_ = response_.header("Transfer-Encoding").has_value();
  take(rest);
}

void EventStreamClient::take(std::string_view bytes) {
  decoder_.feed(chunked_ ? chunks_.feed(bytes) : std::string(bytes));
}

bool EventStreamClient::read_more(std::chrono::milliseconds patience) {
  if (!chunks_.ended()) {
    const auto bytes = connection_.read_some(patience);
    take(bytes);
    if (!bytes.empty()) return true;
  }
  ended_ = true;
  return false;
}

std::optional<SseEvent> EventStreamClient::next(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  if (ready_) return std::exchange(ready_, std::nullopt);
  for (;;) {
    if (auto event = decoder_.next()) return event;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (!read_more(left)) return decoder_.next();
  }
}

SseEvent EventStreamClient::next_of_type(std::string_view type,
                                         std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    auto event = next(left);
    if (!event) throw std::runtime_error(fmt::format("the stream ended without '{}'", type));
    if (event->type == type) return std::move(*event);
  }
}

bool EventStreamClient::has_event_within(std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  while (!ready_) {
    if ((ready_ = decoder_.next())) break;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (connection_.silent_for(std::max(left, std::chrono::milliseconds(0)))) return false;
    if (!read_more(kPatience)) return (ready_ = decoder_.next()).has_value();
  }
  return true;
}

}  // namespace ordercast::testing
