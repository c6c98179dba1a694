#include "http/hang_up_watch.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ordercast::http {
namespace {

constexpr std::uint64_t kStop = 0;

}  // namespace

HangUpWatch::HangUpWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kStop}};
  if (!epoll_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_.fd(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  thread_ = Thread({.name = "hang-ups"}, [this] { run(); });
}

HangUpWatch::~HangUpWatch() {
  stop_.set();
}

HangUpWatch::Watched HangUpWatch::watch(int fd, Callback on_hang_up) {
  std::uint64_t number = 0;
  {
    const MutexLock lock(mutex_);
    number = ++last_number_;
    callbacks_.emplace(number, std::move(on_hang_up));
  }
  // Once: a peer that has hung up shows it for ever.
  epoll_event event{.events = EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = number}};
  static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event));
  return {*this, fd, number};
}

void HangUpWatch::forget(int fd, std::uint64_t number) {
  static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr));
  const MutexLock lock(mutex_);
  callbacks_.erase(number);
}

void HangUpWatch::run() {
  std::array<epoll_event, 64> events;
  while (!stop_.is_set()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const MutexLock lock(mutex_);
      const auto found = callbacks_.find(events[static_cast<std::size_t>(i)].data.u64);
      if (found != callbacks_.end()) found->second();
    }
  }
}

}  // namespace ordercast::http
