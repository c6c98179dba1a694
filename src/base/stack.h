// The memory of a thread's stack.
#pragma once

namespace ordercast {

// Gives the pages of the calling thread's stack that no frame uses any more back to the system: for
// a thread that is about to wait for long, after it has been through deep calls. They come again,
// as zeroes, when they are touched (madvise(2), MADV_DONTNEED). Takes some microseconds. Safe from
// any thread; where it cannot be done, nothing is.
void release_unused_stack() noexcept;

}  // namespace ordercast
