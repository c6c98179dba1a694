#include "base/stack.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace ordercast {
namespace {

// The lowest address of this thread's stack, above its guard; 0 where it is not known.
std::uintptr_t lowest_of_stack() noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  const int error = ::pthread_attr_getstack(&attributes, &lowest, &bytes);
  ::pthread_attr_destroy(&attributes);
  return error == 0 ? reinterpret_cast<std::uintptr_t>(lowest) : 0;
}

}  // namespace

void release_unused_stack() noexcept {
  thread_local const std::uintptr_t lowest = lowest_of_stack();
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  // Below this frame is that of madvise().
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto unused_end = (here - page) / page * page;
  if (lowest == 0 || unused_end <= lowest) return;
  ::madvise(reinterpret_cast<void*>(lowest), unused_end - lowest, MADV_DONTNEED);
}

}  // namespace ordercast
