#include "base/thread.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <string>
#include <system_error>

namespace ordercast {
namespace {

// Unmapped memory below the stack, so that one large frame of a library cannot step over it.
constexpr std::size_t kGuardBytes = 64 * 1024;

struct Start {
  ThreadBody body;
  std::string name;
};

void* run(void* argument) noexcept {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  ::pthread_setname_np(::pthread_self(), start->name.c_str());
  start->body();
  return nullptr;
}

class Attributes {
 public:
  Attributes() : error_(::pthread_attr_init(&attributes_)) {}
  ~Attributes() {
    if (error_ == 0) ::pthread_attr_destroy(&attributes_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  [[nodiscard]] int set(std::size_t stack_bytes) {
    if (error_ != 0) return error_;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto least = static_cast<std::size_t>(PTHREAD_STACK_MIN);
    const std::size_t bytes = (std::max(stack_bytes, least) + page - 1) / page * page;
    if (const int error = ::pthread_attr_setstacksize(&attributes_, bytes)) return error;
    if (const int error = ::pthread_attr_setguardsize(&attributes_, kGuardBytes)) return error;
    return block_signals();
  }
  [[nodiscard]] const pthread_attr_t* get() const { return &attributes_; }

 private:
  // Signals meant for the program go to the thread that main() has chosen; only faults stay.
  int block_signals() {
    sigset_t mask;
    ::sigfillset(&mask);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
      ::sigdelset(&mask, fault);
    }
    return ::pthread_attr_setsigmask_np(&attributes_, &mask);
  }

  pthread_attr_t attributes_{};
  int error_;
};

}  // namespace

int start_joinable_thread(pthread_t* thread, const ThreadSpec& spec, ThreadBody body) try {
  Attributes attributes;
  if (const int error = attributes.set(spec.stack_bytes)) return error;
  auto start = std::make_unique<Start>(Start{std::move(body), spec.name});
  const int error = ::pthread_create(thread, attributes.get(), run, start.get());
  // The thread owns it now.
  if (error == 0) static_cast<void>(start.release());
  return error;
} catch (const std::bad_alloc&) {
  return ENOMEM;
}

Thread::Thread(const ThreadSpec& spec, ThreadBody body) {
  if (const int error = start_joinable_thread(&thread_, spec, std::move(body))) {
    throw std::system_error(error, std::generic_category(),
                            std::string("cannot start the thread ") + spec.name);
  }
  joinable_ = true;
}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this != &other) {
    join();
    thread_ = other.thread_;
    joinable_ = std::exchange(other.joinable_, false);
  }
  return *this;
}

void Thread::join() {
  if (std::exchange(joinable_, false)) ::pthread_join(thread_, nullptr);
}

}  // namespace ordercast
