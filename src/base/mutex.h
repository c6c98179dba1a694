// A mutex that clang's thread-safety analysis can check (-Wthread-safety, preset `clang`).
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. With other compilers the annotations are
// empty.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ORDERCAST_ANNOTATE(x) __attribute__((x))
#else
#define ORDERCAST_ANNOTATE(x)
#endif

#define CAPABILITY(x) ORDERCAST_ANNOTATE(capability(x))
#define SCOPED_CAPABILITY ORDERCAST_ANNOTATE(scoped_lockable)
#define GUARDED_BY(x) ORDERCAST_ANNOTATE(guarded_by(x))
#define REQUIRES(...) ORDERCAST_ANNOTATE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) ORDERCAST_ANNOTATE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) ORDERCAST_ANNOTATE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) ORDERCAST_ANNOTATE(release_capability(__VA_ARGS__))

namespace ordercast {

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits may wake up for no reason: always wait in a loop over the condition, under the mutex.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cond_.wait(lock);
    lock.release();
  }

  // False when `deadline` has passed.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const auto status = cond_.wait_until(lock, deadline);
    lock.release();
    return status == std::cv_status::no_timeout;
  }

  void notify_one() { cond_.notify_one(); }
  void notify_all() { cond_.notify_all(); }

 private:
  std::condition_variable cond_;
};

}  // namespace ordercast
