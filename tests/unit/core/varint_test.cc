#include "core/varint.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>

namespace ordercast {
namespace {

std::string encoded(std::uint64_t value) {
  std::string bytes;
  put_varint(bytes, value);
  return bytes;
}

TEST_CASE("A varint has a byte for each seven bits", "[varint]") {
  CHECK(encoded(0) == std::string(1, '\0'));
  CHECK(encoded(0x7f) == "\x7f");
  CHECK(encoded(0x80) == "\x80\x01");
  CHECK(encoded(300) == "\xac\x02");
  CHECK(encoded(std::numeric_limits<std::uint64_t>::max()) == std::string(9, '\xff') + '\x01');
}

TEST_CASE("A varint that is cut short, too large or not the shortest is refused", "[varint]") {
  const auto bytes = GENERATE(as<std::string>{}, "", "\x80", std::string(9, '\xff'),
                              std::string(9, '\xff') + '\x02', std::string(9, '\xff') + '\x7f',
                              std::string(10, '\xff') + '\x01', std::string("\x80\x00", 2),
                              std::string("\xff\x00", 2), std::string("\x80\x80\x00", 3));
  std::string_view rest = bytes;
  CHECK_FALSE(take_varint(rest));
}

TEST_CASE("Varints and numbers are the same thing", "[varint][property]") {
  rc::prop("a number comes back, and nothing after it is touched", [] {
    const auto shift = *rc::gen::inRange(0, 64);
    const auto value = *rc::gen::arbitrary<std::uint64_t>() >> shift;
    const auto after = *rc::gen::arbitrary<std::string>();
    const auto bytes = encoded(value) + after;
    std::string_view rest = bytes;
    RC_ASSERT(take_varint(rest) == value);
    RC_ASSERT(rest == after);
  });

  rc::prop("bytes that are read as a number are that number's only encoding", [] {
    const auto bytes =
        *rc::gen::container<std::string>(rc::gen::element('\x00', '\x01', '\x7f', '\x80', '\xff'));
    std::string_view rest = bytes;
    if (const auto value = take_varint(rest)) {
      RC_ASSERT(encoded(*value) == bytes.substr(0, bytes.size() - rest.size()));
    }
  });
}

}  // namespace
}  // namespace ordercast
