// What things take on the heap, for bounds in bytes that are to hold for resident memory. The
// bookkeeping of small objects, as a page with one change, takes as much as their content. Of
// glibc's malloc(3): 8 bytes more for each allocation, in steps of 16 bytes, 32 at least. Pure
// functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace ordercast {

// Of one allocation.
[[nodiscard]] constexpr std::size_t allocated(std::size_t bytes) {
  constexpr std::size_t kHeader = 8;
  constexpr std::size_t kStep = 16;
  constexpr std::size_t kLeast = 32;
  return std::max(kLeast, (bytes + kHeader + kStep - 1) / kStep * kStep);
}

// Of an object that was made by make_shared: its counts stand beside it.
template <typename Object>
[[nodiscard]] constexpr std::size_t allocated_shared() {
  constexpr std::size_t kCounts = 16;
  return allocated(sizeof(Object) + kCounts);
}

// What hangs on the object, besides its own size. Short strings hold their text themselves.
[[nodiscard]] inline std::size_t heap_of(const std::string& text) {
  return text.capacity() > std::string().capacity() ? allocated(text.capacity() + 1) : 0;
}
template <typename Element>
[[nodiscard]] std::size_t heap_of(const std::vector<Element>& elements) {
  return elements.capacity() > 0 ? allocated(elements.capacity() * sizeof(Element)) : 0;
}

}  // namespace ordercast
