#include "load/body_decoder.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using ordercast::load::BodyDecoder;
using State = BodyDecoder::State;

namespace {

struct Decoded {
  std::string body;
  State state;
};

Decoded decode(BodyDecoder& decoder, const std::vector<std::string>& pieces) {
  Decoded decoded{{}, decoder.state()};
  for (const auto& piece : pieces) {
    decoded.state = decoder.feed(piece, [&](std::string_view part) {
      decoded.body += part;
      return true;
    });
  }
  return decoded;
}

Decoded decode(const std::string& text) {
  BodyDecoder decoder;
  return decode(decoder, {text});
}

const std::string kChunkedHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kChunked =
    kChunkedHead + "5;x=1\r\nhello\r\nB\r\n, world\r\n!!\r\n0\r\nX: y\r\n\r\n";
const std::string kBody = "hello, world\r\n!!";

}  // namespace

TEST_CASE("a chunked body is what its chunks hold, and ends with the last one") {
  const auto decoded = decode(kChunked);
  CHECK(decoded.body == kBody);
  CHECK(decoded.state == State::kEnd);
}

TEST_CASE("an answer that is torn at any byte, or into bytes, is the same answer") {
  for (std::size_t at = 0; at <= kChunked.size(); ++at) {
    BodyDecoder decoder;
    const auto decoded = decode(decoder, {kChunked.substr(0, at), kChunked.substr(at)});
    CHECK(decoded.body == kBody);
    CHECK(decoded.state == State::kEnd);
    CHECK(decoder.status() == 200);
  }
  BodyDecoder decoder;
  std::vector<std::string> bytes;
  for (const char byte : kChunked) bytes.emplace_back(1, byte);
  CHECK(decode(decoder, bytes).body == kBody);
}

TEST_CASE("without chunks the body is all that follows the head") {
  const auto decoded = decode("HTTP/1.1 200 OK\r\n\r\n5\r\nhello");
  CHECK(decoded.body == "5\r\nhello");
  CHECK(decoded.state == State::kBody);
}

TEST_CASE("a refusal shows its status and its body") {
  BodyDecoder decoder;
  CHECK(decode(decoder, {"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"}).body == "no");
  CHECK(decoder.status() == 400);
}

TEST_CASE("what is no HTTP answer is refused") {
  const auto broken =
      GENERATE(as<std::string>(), "SSH-2.0-x\r\n\r\n", "HTTP/1.1 \r\n\r\n", kChunkedHead + "\r\n",
               kChunkedHead + "5\r\nhelloX", kChunkedHead + "ffffffffffffffff\r\n",
               std::string(BodyDecoder::kMaxHead, 'x'));
  CHECK(decode(broken).state == State::kBroken);
}

TEST_CASE("a sink that refuses breaks the answer") {
  BodyDecoder decoder;
  CHECK(decoder.feed(kChunked, [](std::string_view) { return false; }) == State::kBroken);
  CHECK_FALSE(decoder.problem().empty());
}
