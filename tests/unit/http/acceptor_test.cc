// docs/security.md row 14: nothing that accept(2) says ends the loop, and none of it makes it spin.
#include "http/acceptor.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <vector>

#include "base/thread.h"
#include "http/tcp.h"
#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::http {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::RawConnection;

constexpr milliseconds kPause{1};
constexpr milliseconds kForEver{3'600'000};
constexpr int kBacklog = 16;

// An acceptor that runs, and counts what it takes.
class Running {
 public:
  Running(Acceptor::AcceptCall accept, milliseconds pause)
      : listening_(listen_on("127.0.0.1", 0, kBacklog)),
        port_(local_address(listening_.get()).port),
        acceptor_(std::move(listening_), std::move(accept), pause, [this](UniqueFd) { ++taken_; }),
        thread_({}, [this] { acceptor_.run(); }) {}
  ~Running() { acceptor_.stop(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int taken() const { return taken_; }
  [[nodiscard]] std::uint64_t failures() const { return acceptor_.failures(); }

 private:
  UniqueFd listening_;
  std::uint16_t port_;
  std::atomic<int> taken_ = 0;
  Acceptor acceptor_;
  Thread thread_;  // last: joined first
};

int accept_really(int fd) {
  return ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
}

// Fails with `error` the first `times` times.
Acceptor::AcceptCall failing(int error, std::atomic<int>& times) {
  return [error, &times](int fd) {
    if (times-- > 0) {
      errno = error;
      return -1;
    }
    return accept_really(fd);
  };
}

}  // namespace

TEST_CASE("connections are accepted") {
  const Running running({}, kPause);
  const RawConnection first(running.port());
  const RawConnection second(running.port());
  CHECK(eventually([&] { return running.taken() == 2; }));
  CHECK(running.failures() == 0);
}

TEST_CASE("accepting goes on after a hundred errors of any kind") {
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EPERM, EPROTO, EINTR,
                          EAGAIN, ENETDOWN, EHOSTUNREACH, EOPNOTSUPP}) {
    INFO(error);
    std::atomic<int> times = 100;
    const Running running(failing(error, times), kPause);
    const RawConnection connection(running.port());
    CHECK(eventually([&] { return running.taken() == 1; }));
  }
}

TEST_CASE("a machine without resources is given a pause, not a spinning thread") {
  std::atomic<int> times = 1'000'000;
  const Running running(failing(ENOBUFS, times), kForEver);
  const RawConnection connection(running.port());
  CHECK(eventually([&] { return running.failures() == 1; }));
  // It is in its pause now: whatever else arrives, accept() is not called.
  const RawConnection second(running.port());
  CHECK(connection.silent_for(milliseconds(50)));
  CHECK(running.failures() == 1);
  CHECK(running.taken() == 0);
}

TEST_CASE("stop is prompt, idle and in a pause") {
  const auto start = std::chrono::steady_clock::now();
  { const Running idle({}, kForEver); }
  std::atomic<int> times = 1'000'000;
  {
    const Running pausing(failing(ENOMEM, times), kForEver);
    const RawConnection connection(pausing.port());
    CHECK(eventually([&] { return pausing.failures() == 1; }));
  }
  CHECK(std::chrono::steady_clock::now() - start < testing::kPatience);
}

TEST_CASE("out of descriptors, connections are closed rather than left waiting") {
  // The call fails as long as the reserve is there, as it would with a full table.
  std::atomic<int> calls = 0;
  const Running running(
      [&](int fd) {
        if (calls++ % 2 == 0) {
          errno = EMFILE;
          return -1;
        }
        return accept_really(fd);
      },
      kForEver);
  RawConnection first(running.port());
  RawConnection second(running.port());
  CHECK(first.read_to_end().empty());
  CHECK(second.read_to_end().empty());
  CHECK(running.taken() == 0);
}

TEST_CASE("after stop the port is free") {
  std::uint16_t port = 0;
  {
    const Running running({}, kPause);
    port = running.port();
  }
  CHECK_THROWS(RawConnection(port));
}

}  // namespace ordercast::http
