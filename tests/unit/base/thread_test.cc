#include "base/thread.h"

#include <pthread.h>
#include <signal.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <system_error>

namespace ordercast {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

}  // namespace

TEST_CASE("a thread has the stack and the name it was given") {
  std::size_t stack = 0;
  std::size_t guard = 0;
  std::string name;
  // More than the default: glibc reuses stacks of threads that have ended, when they suffice.
  constexpr std::size_t kStack = 24 * kMebibyte;
  Thread thread({.stack_bytes = kStack, .name = "some-name"}, [&] {
    pthread_attr_t attributes;
    ::pthread_getattr_np(::pthread_self(), &attributes);
    ::pthread_attr_getstacksize(&attributes, &stack);
    ::pthread_attr_getguardsize(&attributes, &guard);
    ::pthread_attr_destroy(&attributes);
    std::array<char, 16> text{};
    ::pthread_getname_np(::pthread_self(), text.data(), text.size());
    name = text.data();
  });
  thread.join();
  CHECK(stack == kStack);
  CHECK(guard > 0);
  CHECK(name == "some-name");
}

TEST_CASE("a stack smaller than the system demands is made larger") {
  bool ran = false;
  Thread thread({.stack_bytes = 1, .name = "small"}, [&] { ran = true; });
  thread.join();
  CHECK(ran);
}

TEST_CASE("signals meant for the program do not reach the thread") {
  sigset_t blocked;
  ::sigemptyset(&blocked);
  Thread({}, [&] { ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked); }).join();
  CHECK(::sigismember(&blocked, SIGTERM) == 1);
  CHECK(::sigismember(&blocked, SIGINT) == 1);
  CHECK(::sigismember(&blocked, SIGSEGV) == 0);
}

TEST_CASE("a thread that cannot be had is an error number, or an exception, and never runs") {
  const ThreadSpec impossible{.stack_bytes = std::size_t{1} << 60, .name = "huge"};
  bool ran = false;
  pthread_t thread;
  CHECK(start_joinable_thread(&thread, impossible, [&] { ran = true; }) != 0);
  CHECK_THROWS_AS(Thread(impossible, [&] { ran = true; }), std::system_error);
  CHECK_FALSE(ran);
}

TEST_CASE("a moved thread is joined once, by its new owner") {
  int runs = 0;
  {
    Thread first({}, [&] { ++runs; });
    Thread second = std::move(first);
    Thread third({}, [] {});
    third = std::move(second);
  }
  CHECK(runs == 1);
}

}  // namespace ordercast
