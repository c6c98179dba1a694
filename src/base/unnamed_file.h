// A temporary file without a name: gone with its owner, however that ends. One thread appends;
// others may meanwhile read what it has appended, when they know of it by way of a lock.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/unique_fd.h"

namespace ordercast {

class UnnamedFile {
 public:
  // All of these throw std::system_error when the disk is full or fails.
  UnnamedFile();
  void append(std::string_view text);
  // Fills `into` with what is there from `offset` on; all of it has been appended.
  void read_at(std::size_t offset, std::span<char> into) const;

 private:
  UniqueFd fd_;
};

}  // namespace ordercast
