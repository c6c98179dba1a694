// docs/security.md rows 14 and 15 with the real limits of the kernel, in a process of its own: this
// test program starts itself again with a hidden test that serves and takes orders by signals.
//   SIGUSR1  set the limit   SIGUSR2  lift it again   SIGTERM  stop the server and end
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using std::chrono::milliseconds;

void say(const std::string& line) {
  std::printf("\n%s\n", line.c_str());
  std::fflush(stdout);
}

void set_soft_limit(__rlimit_resource resource, rlim_t value) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  limit.rlim_cur = value;
  REQUIRE(::setrlimit(resource, &limit) == 0);
}

// The child: serves until SIGTERM.
void serve(const std::function<void(rlim_t)>& set_limit, rlim_t low) {
  sigset_t orders;
  ::sigemptyset(&orders);
  for (const int order : {SIGUSR1, SIGUSR2, SIGTERM}) ::sigaddset(&orders, order);
  ::pthread_sigmask(SIG_BLOCK, &orders, nullptr);
  TestSite site;
  say("port " + std::to_string(site.port()));
  for (int order = 0; order != SIGTERM;) {
    const timespec patience{.tv_sec = kPatience.count(), .tv_nsec = 0};
    order = ::sigtimedwait(&orders, nullptr, &patience);
    REQUIRE(order > 0);  // else the parent has forgotten us
    if (order == SIGUSR1) set_limit(low);
    if (order == SIGUSR2) set_limit(RLIM_INFINITY);
    say("done");
  }
  CHECK(site.server().stop());
}

// The parent's side of it.
class LimitedServer {
 public:
  explicit LimitedServer(const std::string& hidden_test)
      : process_({"/proc/self/exe", hidden_test}),
        port_(static_cast<std::uint16_t>(std::stoi(process_.wait_for_line("port ")))) {}

  void order(int signal) {
    process_.signal(signal);
    process_.wait_for_line("done");
  }
  // Whether it ended well.
  bool stop() {
    order(SIGTERM);
    return process_.wait().code == 0;
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_.pid(); }

 private:
  TestProcess process_;
  std::uint16_t port_;
};

milliseconds cpu_time(pid_t pid) {
  // /proc/PID/stat: utime and stime are fields 14 and 15, in ticks; the name in field 2 may hold
  // blanks, so count from behind it.
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i <= 13; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

TEST_CASE("[child] a server whose descriptors can be limited", "[.][nofile-child]") {
  // 4 more than there are now, whatever the sanitizers and Catch hold.
  const auto open_now = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const auto server_needs = 5;  // listening, two events, the reserve, the desk's event
  serve(
      [&](rlim_t value) {
        set_soft_limit(RLIMIT_NOFILE, value == RLIM_INFINITY ? before.rlim_cur : value);
      },
      static_cast<rlim_t>(open_now + server_needs + 4));
}

TEST_CASE("without descriptors the server closes what it cannot serve, rests, and recovers") {
  LimitedServer server("[nofile-child]");
  server.order(SIGUSR1);
  std::vector<std::unique_ptr<RawConnection>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<RawConnection>(server.port()));
    clients.back()->send("GET /stream/hold HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  int served = 0;
  int closed = 0;
  int refused = 0;
  RawConnection* held = nullptr;
  for (const auto& client : clients) {
    std::string bytes;
    const auto open = [&] { return bytes.find("data: open") != std::string::npos; };
    for (std::string more; !open() && !(more = client->read_some()).empty();) bytes += more;
    if (open()) held = client.get();
    served += open();
    closed += bytes.empty();
    refused += !open() && !bytes.empty();  // with an answer
  }
  REQUIRE(served > 0);
  CHECK(closed > 0);
  CHECK(served + closed + refused == 60);

  const auto cpu_before = cpu_time(server.pid());
  CHECK(held->silent_for(milliseconds(300)));
  CHECK(cpu_time(server.pid()) - cpu_before < milliseconds(150));

  server.order(SIGUSR2);
  CHECK(fetch(server.port(), "GET", "/echo").status == 200);
  CHECK(server.stop());
}

TEST_CASE("[child] a server whose threads can be limited", "[.][nproc-child]") {
  rlimit before{};
  ::getrlimit(RLIMIT_NPROC, &before);
  serve(
      [&](rlim_t value) {
        // The kernel does not limit root. The user takes no part in anything else.
        constexpr uid_t kNobodyElse = 54'321;
        if (::geteuid() == 0) {
          REQUIRE(::setuid(kNobodyElse) == 0);
          ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // setuid() clears it
        }
        set_soft_limit(RLIMIT_NPROC, value == RLIM_INFINITY ? before.rlim_max : value);
      },
      1);
}

TEST_CASE("when the kernel gives no more threads, streams go on and newcomers are refused") {
  LimitedServer server("[nproc-child]");
  EventStreamClient stream(server.port(), "/stream/hold");
  CHECK(stream.next()->data == "open");
  server.order(SIGUSR1);
  for (int i = 0; i < 20; ++i) CHECK(fetch(server.port(), "GET", "/echo").status == 503);
  CHECK_FALSE(stream.has_event_within(milliseconds(0)));
  CHECK(stream.connection().silent_for(milliseconds(0)));
  server.order(SIGUSR2);
  CHECK(fetch(server.port(), "GET", "/echo").status == 200);
  CHECK(server.stop());
}

}  // namespace ordercast::testing
