// The position of a client as the opaque text that is its SSE `id` (docs/protocol.md, "Cursor").
// Value type.
//
//   text    := "1" base64url(bytes)                       "1" is the version; no padding
//   bytes   := epoch[6] snapshot                          everything up to a snapshot
//            | epoch[6] snapshot snapshot varint(seq)     and inside the batch that leads to the
//            second
//   snapshot:= varint(xmax) varint(n) n * varint(distance of xip to the id above it, from xmax
//   down)
// The second snapshot's xmax is written as its distance to the first one's.
// With ids below 2^42, at most 19 characters with no concurrent writer and 36 inside a batch. Each
// running transaction adds a byte (1.34 characters) for each seven bits of its distance; inside a
// batch most of them are in both snapshots.
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

  // A longer text is refused unread. 1,000 running transactions less than 128 ids apart take 2,700
  // characters inside a batch; whoever got a longer cursor than this is told `reset`.
  static constexpr std::size_t kMaxChars = 4096;
};

}  // namespace ordercast
