#include "http/refusal_desk.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <iterator>
#include <system_error>
#include <utility>
#include <variant>

#include "http/refusal_form.h"

namespace ordercast::http {
namespace {

using Clock = std::chrono::steady_clock;

UniqueFd make_event() {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) throw std::system_error(errno, std::generic_category(), "eventfd");
  return event;
}

}  // namespace

RefusalDesk::RefusalDesk(const ServerOptions& options, const GuardedLibrary& library,
                         const Router& always)
    : options_(options), library_(library), always_(always), wake_event_(make_event()) {
  newcomers_.reserve(options.refusal_slots);
  thread_ = Thread({.stack_bytes = options.stack_bytes, .name = "http-refuse"}, [this] { run(); });
}

RefusalDesk::~RefusalDesk() {
  stop();
}

void RefusalDesk::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  ::eventfd_write(wake_event_.get(), 1);
  thread_.join();
}

void RefusalDesk::refuse(UniqueFd connection, const Refusal& why) {
  {
    const MutexLock lock(mutex_);
    if (present_ >= options_.refusal_slots) {
      ++unanswered_;
      return;
    }
    newcomers_.push_back({.socket = std::move(connection),
                          .tls = nullptr,
                          .why = why,
                          .deadline = Clock::now() + options_.refusal_timeout,
                          .scanner = HeadScanner(options_.limits)});
    ++present_;
  }
  ::eventfd_write(wake_event_.get(), 1);
}

void RefusalDesk::run() {
  std::vector<Visitor> visitors;
  std::vector<pollfd> entries;
  visitors.reserve(options_.refusal_slots);
  entries.reserve(options_.refusal_slots + 1);
  while (admit(visitors)) {
    wait(visitors, entries);
    const auto gone = std::erase_if(visitors, [this](Visitor& visitor) { return attend(visitor); });
    const MutexLock lock(mutex_);
    present_ -= gone;
  }
}

bool RefusalDesk::admit(std::vector<Visitor>& visitors) {
  const MutexLock lock(mutex_);
  std::move(newcomers_.begin(), newcomers_.end(), std::back_inserter(visitors));
  newcomers_.clear();
  return !stopping_;
}

void RefusalDesk::wait(const std::vector<Visitor>& visitors, std::vector<pollfd>& entries) const {
  auto deadline = Deadline::max();
  entries.assign(1, {.fd = wake_event_.get(), .events = POLLIN, .revents = 0});
  for (const auto& visitor : visitors) {
    entries.push_back({.fd = visitor.socket.get(), .events = POLLIN, .revents = 0});
    deadline = std::min(deadline, visitor.deadline);
  }
  wait_for_any(entries, deadline);
  ::eventfd_t ignored = 0;
  ::eventfd_read(wake_event_.get(), &ignored);
}

bool RefusalDesk::attend(Visitor& visitor) const noexcept try {
  std::array<char, 4096> buffer;
  if (options_.tls && !visitor.tls) visitor.tls = options_.tls->accept(visitor.socket.get());
  const ssize_t got = visitor.wire().receive_now(buffer.data(), buffer.size());
  if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
  const bool late = Clock::now() >= visitor.deadline;
  if (visitor.answered) return late;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (listen(visitor, bytes) || late) answer(visitor);
  return false;
} catch (const std::exception&) {
  return true;  // out of memory: whom we cannot answer, we close
}

// Whether enough has been heard to answer.
bool RefusalDesk::listen(Visitor& visitor, std::string_view bytes) const {
  visitor.head.append(bytes);
  const bool malformed = visitor.scanner.scan(visitor.head).has_value();
  return malformed || visitor.scanner.complete();
}

void RefusalDesk::answer(Visitor& visitor) const {
  visitor.head.resize(visitor.scanner.head_size());
  const auto parsed = parse_request_head(visitor.head, options_.limits);
  const auto* head = std::get_if<RequestHead>(&parsed);
  const std::string text = library_.answer(head != nullptr ? head->method : "GET", "/",
                                           [&] { return response(visitor, head); });
  // A fresh socket takes so little at once; when it does not, there is nothing better to do.
  static_cast<void>(visitor.wire().send_now(text));
  visitor.wire().end_sending();
  visitor.answered = true;
  visitor.deadline = Clock::now() + options_.refusal_timeout;
}

Response RefusalDesk::response(const Visitor& visitor, const RequestHead* head) const {
  if (head == nullptr) return turn_away(false, visitor.why, options_.retry_delays);
  const auto found = always_.find(head->method, head->segments);
  if (const auto* match = std::get_if<Router::Match>(&found)) {
    Request request;
    request.method = head->method;
    request.path = head->path;
    auto answer = (*match->handler)(request);
    if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
  }
  return turn_away(accepts_event_stream(head->headers), visitor.why, options_.retry_delays);
}

}  // namespace ordercast::http
