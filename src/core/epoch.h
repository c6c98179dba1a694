// The identity of one history: positions mean nothing in another one. A restored or upgraded cluster begins a
// new epoch (system identifier + a uuid stored by the first migration). Value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ordercast {

struct Epoch {
  std::uint64_t id = 0;  // 48 bits of a hash of both; 0 is unknown

  [[nodiscard]] static Epoch of(std::string_view system_identifier, std::string_view uuid);
  // 12 lower-case hex digits.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Epoch&, const Epoch&) = default;

  static constexpr int kBytes = 6;
};

}  // namespace ordercast
