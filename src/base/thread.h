// Joinable threads with a stack size and a name, which std::thread cannot give, and whose start
// reports an error number instead of throwing.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <utility>

namespace ordercast {

// Frames under a sanitizer are up to that much larger.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t kSanitizerStackFactor = 8;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr std::size_t kSanitizerStackFactor = 8;
#else
inline constexpr std::size_t kSanitizerStackFactor = 1;
#endif
#else
inline constexpr std::size_t kSanitizerStackFactor = 1;
#endif

struct ThreadSpec {
  std::size_t stack_bytes = kSanitizerStackFactor * 512 *
                            1024;  // plus one guard page; rounded up to what the system demands
  const char* name = "ordercast";  // at most 15 characters, shown by ps and gdb
};

// What a thread runs. Must not throw: an exception that leaves it ends the process.
using ThreadBody = std::function<void()>;

// Starts `body` on a new thread. 0, or an error number (EAGAIN: the system has no more threads for
// us); then `body` has not run and never will.
using ThreadStarter = std::function<int(pthread_t*, const ThreadSpec&, ThreadBody)>;

[[nodiscard]] int start_joinable_thread(pthread_t* thread, const ThreadSpec& spec, ThreadBody body);

// Owns one running thread; joins it when it goes. Confined to its owner.
class Thread {
 public:
  Thread() = default;
  // Throws std::system_error when the thread cannot be had.
  Thread(const ThreadSpec& spec, ThreadBody body);
  Thread(Thread&& other) noexcept
      : thread_(other.thread_), joinable_(std::exchange(other.joinable_, false)) {}
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { join(); }

  void join();

 private:
  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace ordercast
