// Where the kernel looks for the threads that a wake-up is for.
#pragma once

#include <cstddef>

namespace ordercast {

// Makes waking one of `threads` parked threads as cheap as if they were few. Since Linux 6.16 a
// process finds its waiting threads in a hash table of its own, with 4 buckets for each processor
// (16 at least), and a wake-up looks at all that wait in the same bucket, each on a stack that has
// left the processor's caches: measured with 1,000 parked threads 70 us for each
// pthread_cond_broadcast(). Grows the table, never shrinks it; 64 bytes of the kernel's memory for
// each 4 threads. Safe from any thread; where the kernel has no such table, nothing is done
// (PR_FUTEX_HASH, prctl(2)).
void widen_futex_hash(std::size_t threads) noexcept;

}  // namespace ordercast
