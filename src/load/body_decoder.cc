#include "load/body_decoder.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <utility>

namespace ordercast::load {
namespace {

// 2^60 bytes are more than anybody sends, and do not overflow.
constexpr int kMaxSizeDigits = 15;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

void BodyDecoder::broken(std::string problem) {
  state_ = State::kBroken;
  problem_ = std::move(problem);
}

void BodyDecoder::take_head(std::string_view& bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto before = head_.size();
  head_.append(bytes.substr(0, kMaxHead - before));
  const auto end = head_.find(kEnd, before < kEnd.size() ? 0 : before - kEnd.size());
  if (end == head_.npos) {
    bytes = {};
    if (head_.size() >= kMaxHead) broken("the head of the answer is over 16 KiB");
    return;
  }
  bytes.remove_prefix(end + kEnd.size() - before);
  head_.resize(end);
  read_head();
  head_ = {};
}

void BodyDecoder::read_head() {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const std::string head = lower(head_);
  const auto* digits = head_.data() + kVersion.size();
  if (!head_.starts_with(kVersion) ||
      std::from_chars(digits, head_.data() + head_.size(), status_).ec != std::errc()) {
    return broken("the answer is not HTTP/1.1");
  }
  chunked_ = head.find("\r\ntransfer-encoding: chunked") != head.npos;
  state_ = State::kBody;
}

void BodyDecoder::take_chunk_syntax(std::string_view& bytes) {
  const char c = bytes.front();
  bytes.remove_prefix(1);
  switch (chunk_) {
    case Chunk::kSize:
      if (const int digit = hex_digit(c); digit >= 0) {
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        if (++size_digits_ > kMaxSizeDigits) broken("a chunk's size is absurd");
        return;
      }
      if (size_digits_ == 0) return broken("a chunk has no size");
      chunk_ = Chunk::kExtension;
      [[fallthrough]];
    case Chunk::kExtension:
      if (c != '\n') return;
      size_digits_ = 0;
      trailer_line_ = 0;
      chunk_ = left_ == 0 ? Chunk::kTrailer : Chunk::kData;
      return;
    case Chunk::kDataEnd:
      if (c == '\n') {
        chunk_ = Chunk::kSize;
      } else if (c != '\r') {
        broken("a chunk is longer than its size");
      }
      return;
    case Chunk::kTrailer:
      if (c == '\n' && trailer_line_ == 0) {
        state_ = State::kEnd;
      } else if (c == '\n') {
        trailer_line_ = 0;
      } else if (c != '\r') {
        ++trailer_line_;
      }
      return;
    case Chunk::kData:
      return;
  }
}

}  // namespace ordercast::load
