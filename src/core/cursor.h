// The position of a client as the opaque text that is its SSE `id` (docs/protocol.md, "Cursor").
// Value type.
//
//   text     := "1" base64url(bytes)                      "1" is the version; no padding
//   bytes    := epoch[6] snapshot                         everything up to a snapshot
//             | epoch[6] snapshot snapshot varint(seq)    and in the batch up to the second
//   snapshot := varint(xmax) varint(n) n * varint(step)   the running ids, from xmax down
//
// A step is the distance to the id above; the second xmax is written as its distance to the first.
//
// Length, with ids below 2^42: at most 19 characters with no concurrent writer, 36 inside a batch.
// Each running transaction adds a byte (1.34 characters) for each seven bits of its distance,
// inside a batch mostly twice, for most are in both snapshots. kMaxChars is the bound.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/epoch.h"
#include "core/position.h"

namespace ordercast {

// Sent in a cursor's place it means the earliest position: all that the log still keeps.
inline constexpr std::string_view kEarliest = "earliest";

struct Cursor {
  Epoch epoch;
  Position position;

  [[nodiscard]] std::string encode() const;
  // nullopt when `text` is not a cursor that encode() can have made.
  [[nodiscard]] static std::optional<Cursor> decode(std::string_view text);
  friend bool operator==(const Cursor&, const Cursor&) = default;

  static constexpr char kVersion = '1';
  // decode() refuses a longer text unread, so that who got one from encode() is told `reset`. The
  // bound holds 3,000 running transactions less than 128 ids apart, 1,500 inside a batch, and half
  // as many that are up to 16,000 apart. No more can run than max_connections (100 unless it was
  // raised) and max_prepared_transactions together.
  static constexpr std::size_t kMaxChars = 4096;
};

}  // namespace ordercast
