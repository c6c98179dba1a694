#include "load/crowd.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/descriptor_limit.h"

namespace ordercast::load {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// One read of a busy connection: a burst of some hundred events, and still in the second-level
// cache.
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr milliseconds kTick{100};
// Besides the connections: epoll, the three standard ones, what the caller has open.
constexpr std::size_t kOtherDescriptors = 64;

void allow_descriptors(std::size_t needed) {
  const auto limit = raise_descriptor_limit();
  if (limit >= needed) return;
  throw LoadError(fmt::format(
      "{} connections need {} file descriptors and the hard limit is {}: raise it (ulimit -Hn)",
      needed - kOtherDescriptors, needed, limit));
}

}  // namespace

struct Crowd::Connection {
  enum class State { kAway, kWaiting, kConnecting, kHead, kLive };
  State state = State::kAway;
  UniqueFd fd;
  BodyDecoder body;
  SseParser events;
  SequenceCheck check;
};

Crowd::Crowd(CrowdOptions options)
    : options_(std::move(options)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(options_.connections),
      buffer_(kReadBytes) {
  allow_descriptors(options_.connections + kOtherDescriptors);
  if (!epoll_) throw LoadError("epoll_create1: " + error_text(errno));
}

Crowd::~Crowd() = default;

std::size_t Crowd::size() const {
  return connections_.size();
}

void Crowd::connect(Duration patience) {
  const auto refused = refused_;
  reconnect_all();
  run_until([&] { return live_ == size() || refused_ > refused; }, patience);
  if (live_ == size()) return;
  throw LoadError(refused_ > refused
                      ? fmt::format("connection {} was refused: {}", live_ + 1, problem_)
                      : fmt::format("{} of {} connections were live in time", live_, size()));
}

void Crowd::reconnect_all() {
  for (std::size_t index = 0; index < size(); ++index) {
    auto& connection = connections_[index];
    if (connection.state != Connection::State::kAway) continue;
    connection.state = Connection::State::kWaiting;
    waiting_.push_back(index);
  }
}

void Crowd::drop(std::size_t index) {
  auto& connection = connections_[index];
  if (!connection.fd) return;
  reset_at_close(connection.fd);
  leave(index, false);
}

void Crowd::drop_all() {
  for (std::size_t index = 0; index < size(); ++index) drop(index);
}

void Crowd::begin(std::uint64_t first, std::uint64_t last, std::optional<std::int64_t> origin_ns) {
  for (auto& connection : connections_) connection.check = SequenceCheck(first);
  window_ = Window(first, last, size(), origin_ns);
}

void Crowd::end_window(std::uint64_t last) {
  window_.end_with(last);
}

void Crowd::watch() {
  for (auto& connection : connections_) connection.check = SequenceCheck();
  window_ = Window();
}

void Crowd::end_watch(std::uint64_t last) {
  window_.end_with(last);
  for (auto& connection : connections_) {
    // One that has seen nothing at all has lost this one at least.
    if (connection.check.next() == 0) connection.check = SequenceCheck(last);
  }
}

bool Crowd::run(Duration patience, const std::function<void()>& idle) {
  auto tick = Clock::now();
  return run_until(
      [&] {
        if (idle && Clock::now() >= tick) {
          tick = Clock::now() + kTick;
          idle();
        }
        return complete();
      },
      patience);
}

bool Crowd::run_until(const std::function<bool()>& done, Duration patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    if (done()) return true;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    poll(std::min(left, kTick));
  }
}

Faults Crowd::faults() const {
  Faults all;
  for (const auto& connection : connections_) all += connection.check.faults(window_.last());
  return all;
}

std::size_t Crowd::reached(std::uint64_t seq) const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [seq](const Connection& each) { return each.check.next() > seq; }));
}

void Crowd::start_waiting() {
  while (!waiting_.empty() && connecting_ < options_.connecting_at_once) {
    const auto index = waiting_.front();
    waiting_.pop_front();
    start(index);
  }
}

void Crowd::start(std::size_t index) {
  auto& connection = connections_[index];
  int error = 0;
  connection.fd = begin_connecting(options_.address, options_.port, error);
  connection.state = Connection::State::kConnecting;
  ++connecting_;
  if (error != 0) return refuse(index, "connect: " + error_text(error));
  epoll_event interest{.events = EPOLLOUT, .data = {.u64 = index}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &interest);
}

void Crowd::poll(milliseconds timeout) {
  start_waiting();
  std::array<epoll_event, 512> ready;
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()),
                                 static_cast<int>(timeout.count()));
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64);
    if (connections_[index].state == Connection::State::kConnecting) {
      on_connected(index);
    } else {
      on_readable(index);
    }
  }
}

void Crowd::on_connected(std::size_t index) {
  auto& connection = connections_[index];
  if (const int error = connect_error(connection.fd); error != 0) {
    return refuse(index, "connect: " + error_text(error));
  }
  const auto request = request_of(index);
  // A fresh socket takes a request of some hundred bytes whole.
  const ssize_t sent =
      ::send(connection.fd.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(request.size())) {
    return refuse(index, "send: " + error_text(errno));
  }
  connection.body = {};
  // The parser keeps the id of the last event across connections.
  connection.events.restart();
  connection.state = Connection::State::kHead;
  epoll_event interest{.events = EPOLLIN, .data = {.u64 = index}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &interest);
}

void Crowd::on_readable(std::size_t index) {
  auto& connection = connections_[index];
  const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got > 0) return take(index, {buffer_.data(), static_cast<std::size_t>(got)});
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (connection.state != Connection::State::kLive) {
    return refuse(
        index, got == 0 ? "the server closed it without an answer" : "recv: " + error_text(errno));
  }
  ++ended_;
  leave(index, options_.reconnect);
}

void Crowd::take(std::size_t index, std::string_view bytes) {
  auto& connection = connections_[index];
  bytes_ += bytes.size();
  const auto now = now_ns();
  std::string body;  // of an answer that is no stream
  const auto state = connection.body.feed(bytes, [&](std::string_view part) {
    if (connection.body.status() != 200) {
      body += part;
      return true;
    }
    return connection.events.feed(
        part, [&](const SseMessage& event) { on_event(connection, event, now); });
  });
  if (state == BodyDecoder::State::kBroken) return refuse(index, connection.body.problem());
  if (state == BodyDecoder::State::kHead) return;
  if (connection.body.status() != 200) {
    return refuse(index, fmt::format("status {} {}", connection.body.status(), body));
  }
  if (connection.state == Connection::State::kHead) {
    connection.state = Connection::State::kLive;
    --connecting_;
    ++live_;
  }
  if (state == BodyDecoder::State::kEnd) {
    ++ended_;
    leave(index, options_.reconnect);
  }
}

void Crowd::on_event(Connection& connection, const SseMessage& event, std::int64_t now) {
  ++events_;
  const auto stamp = options_.stamp_of(event.data);
  if (!stamp) {
    if (event.type == "reset") ++resets_;
    return;
  }
  highest_ = std::max(highest_, stamp->seq);
  if (connection.check.take(stamp->seq) != SequenceCheck::Verdict::kDuplicate) {
    window_.add(*stamp, now);
  }
}

void Crowd::refuse(std::size_t index, std::string why) {
  ++refused_;
  problem_ = std::move(why);
  leave(index, options_.reconnect);
}

void Crowd::leave(std::size_t index, bool come_back) {
  auto& connection = connections_[index];
  if (connection.state == Connection::State::kLive) {
    --live_;
  } else if (connection.state != Connection::State::kAway) {
    --connecting_;
  }
  connection.fd.reset();
  connection.state = come_back ? Connection::State::kWaiting : Connection::State::kAway;
  if (come_back) waiting_.push_back(index);
}

std::string Crowd::request_of(std::size_t index) const {
  const auto& id = connections_[index].events.last_event_id();
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nAccept: text/event-stream\r\n{}{}\r\n",
                     options_.target_of ? options_.target_of(index) : options_.target,
                     options_.address, options_.port, options_.headers,
                     id.empty() ? "" : fmt::format("Last-Event-ID: {}\r\n", id));
}

}  // namespace ordercast::load
