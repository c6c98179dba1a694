// Frames as they go over the wire, made once for all who are sent them. Immutable, thread-safe;
// shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/whose.h"

namespace ordercast::hub {

// How a response without a length ends: HTTP/1.1 sends chunks (RFC 9112 section 7.1), HTTP/1.0
// closes the connection.
enum class Framing { kChunked, kUntilClose };

// What a client was sent.
struct Sent {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  // of their text, without the framing

  Sent& operator+=(const Sent& more) {
    events += more.events;
    bytes += more.bytes;
    return *this;
  }
  [[nodiscard]] Sent operator-(const Sent& less) const {
    return {events - less.events, bytes - less.bytes};
  }
};

class Frames {
 public:
  // `text` is whole frames, or empty, of nothing that is for the client's program: greetings,
  // heartbeats.
  explicit Frames(std::string_view text);
  // `events` of them are: changes, rows, messages. `whose`: the rows that are in them.
  Frames(std::string_view text, std::size_t events, Whose whose);

  [[nodiscard]] const Whose& whose() const { return whose_; }

  [[nodiscard]] Sent size() const { return {events_, text_size_}; }
  [[nodiscard]] bool empty() const { return text_size_ == 0; }
  [[nodiscard]] std::string_view text() const {
    return std::string_view(wire_).substr(text_begin_, text_size_);
  }
  // With kChunked one chunk; nothing at all when there is no text, for an empty chunk would end the
  // response.
  [[nodiscard]] std::string_view wire(Framing framing) const {
    return framing == Framing::kChunked ? std::string_view(wire_) : text();
  }

  // What they take, shared.
  [[nodiscard]] std::size_t bytes() const;

 private:
  std::string wire_;
  std::size_t text_begin_ = 0;
  std::size_t text_size_;
  std::size_t events_;
  Whose whose_;
};

using FramesPtr = std::shared_ptr<const Frames>;

}  // namespace ordercast::hub
