// The answer to one GET: its head, then its body, chunked (RFC 9112, section 7.1) or until the end
// of the connection. Takes its input in pieces of any size; hands the body on without copying it.
// Confined to one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ordercast::load {

class BodyDecoder {
 public:
  enum class State {
    kHead,
    kBody,
    kEnd,     // the last chunk came: the server has ended the answer
    kBroken,  // problem() says why
  };

  // Calls `sink(std::string_view)` for each piece of the body; it returns false to stop.
  template <typename Sink>
  State feed(std::string_view bytes, Sink&& sink);

  [[nodiscard]] State state() const { return state_; }
  // Of the head; 0 before it is complete.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  static constexpr std::size_t kMaxHead = 16 * 1024;

 private:
  enum class Chunk { kSize, kExtension, kData, kDataEnd, kTrailer };

  // These take what they can and move `bytes` behind it.
  void take_head(std::string_view& bytes);
  void take_chunk_syntax(std::string_view& bytes);
  void read_head();
  void broken(std::string problem);

  State state_ = State::kHead;
  Chunk chunk_ = Chunk::kSize;
  bool chunked_ = false;
  int status_ = 0;
  int size_digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t trailer_line_ = 0;
  std::string head_;
  std::string problem_;
};

template <typename Sink>
BodyDecoder::State BodyDecoder::feed(std::string_view bytes, Sink&& sink) {
  while (!bytes.empty() && state_ != State::kEnd && state_ != State::kBroken) {
    if (state_ == State::kHead) {
      take_head(bytes);
    } else if (!chunked_ || chunk_ == Chunk::kData) {
      const auto part =
          chunked_ ? bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size())) : bytes;
      if (!sink(part)) {
        broken("a line of the event stream is too long");
        break;
      }
      bytes.remove_prefix(part.size());
      left_ -= chunked_ ? part.size() : 0;
      if (chunked_ && left_ == 0) chunk_ = Chunk::kDataEnd;
    } else {
      take_chunk_syntax(bytes);
    }
  }
  return state_;
}

}  // namespace ordercast::load
