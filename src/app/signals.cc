#include "app/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace ordercast::app {

Signals::Signals(bool reloads) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (reloads) sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
  // A reader of our output that has gone is an error of that write, not our end.
  std::signal(SIGPIPE, SIG_IGN);
}

Signals::Event Signals::wait(int other, std::chrono::milliseconds timeout) const {
  pollfd fds[] = {{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                  {.fd = other, .events = POLLIN, .revents = 0}};
  int ready = 0;
  do {
    ready = ::poll(fds, 2, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  if (fds[0].revents != 0) {
    signalfd_siginfo info;
    if (::read(fd_.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGHUP) return Event::kReload;
      return info.ssi_signo == SIGINT ? Event::kInterrupt : Event::kTerminate;
    }
  }
  return ready > 0 ? Event::kOther : Event::kTimeout;
}

}  // namespace ordercast::app
