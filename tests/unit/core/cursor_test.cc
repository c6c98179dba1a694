#include "core/cursor.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "core/base64url.h"
#include "core/varint.h"
#include "support/arbitrary_position.h"

namespace ordercast {
namespace {

constexpr Epoch kEpoch{0x0123456789ab};

// A text that decodes is the one and only text of its cursor.
void assert_refused_or_canonical(const std::string& text) {
  const auto cursor = Cursor::decode(text);
  if (cursor) RC_ASSERT(cursor->encode() == text);
}

std::string text_of(std::initializer_list<std::uint64_t> varints) {
  std::string bytes("\x01\x23\x45\x67\x89\xab", Epoch::kBytes);
  for (const auto value : varints) put_varint(bytes, value);
  return std::string(1, Cursor::kVersion) + base64url_encode(bytes);
}

TEST_CASE("Cursors that browsers hold are understood by later releases", "[cursor]") {
  const Cursor at_snapshot{kEpoch, {{742, 750, {742, 748}}, std::nullopt}};
  CHECK(at_snapshot.encode() == text_of({750, 2, 2, 6}));
  CHECK(at_snapshot.encode() == "1ASNFZ4mr7gUCAgY");

  const Cursor in_batch{kEpoch,
                        {{742, 750, {742, 748}}, Position::InBatch{{748, 760, {748}}, 4711}}};
  CHECK(in_batch.encode() == text_of({750, 2, 2, 6, 10, 1, 12, 4711}));
  CHECK(in_batch.encode() == "1ASNFZ4mr7gUCAgYKAQznJA");
  CHECK(Cursor::decode("1ASNFZ4mr7gUCAgYKAQznJA") == in_batch);
}

TEST_CASE("Cursors and texts map one to one", "[cursor][property]") {
  rc::prop("a cursor comes back", [] {
    const auto cursor = *testing::cursors();
    const auto text = cursor.encode();
    RC_PRE(text.size() <= Cursor::kMaxChars);
    RC_ASSERT(Cursor::decode(text) == cursor);
  });

  rc::prop("a cursor's text has only characters that need no escape in a URL or a header", [] {
    RC_ASSERT((*testing::cursors())
                  .encode()
                  .find_first_not_of(
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
  });

  rc::prop("a text with characters changed, put in or left out is refused or another cursor's", [] {
    auto text = (*testing::cursors()).encode();
    const auto edits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < edits; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
      const auto length = *rc::gen::inRange<std::size_t>(0, 3);
      text.replace(at, length,
                   *rc::gen::element<std::string>("", "A", "B", "_", "9AQ", "%", "\r", "="));
    }
    assert_refused_or_canonical(text);
  });

  rc::prop("every beginning of a text is refused or another cursor's", [] {
    const auto text = (*testing::cursors()).encode();
    for (std::size_t size = 0; size < text.size(); ++size) {
      assert_refused_or_canonical(text.substr(0, size));
    }
  });

  rc::prop("any bytes behind the version are refused or a cursor's", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::element('\x00', '\x01', '\x02', '\x80'), rc::gen::arbitrary<char>()));
    assert_refused_or_canonical(std::string(1, Cursor::kVersion) +
                                base64url_encode("epoch_" + bytes));
  });

  rc::prop("any text is refused or a cursor's",
           [](const std::string& text) { assert_refused_or_canonical(text); });
}

TEST_CASE("A text that encode() cannot have made is refused", "[cursor]") {
  const auto valid = text_of({750, 2, 2, 6, 10, 1, 12, 4711});
  REQUIRE(Cursor::decode(valid));

  CHECK_FALSE(Cursor::decode(""));
  CHECK_FALSE(Cursor::decode("1"));
  CHECK_FALSE(Cursor::decode("2" + valid.substr(1)));
  CHECK_FALSE(Cursor::decode(valid + "\n"));
  CHECK_FALSE(Cursor::decode(std::string(valid).insert(0, " ")));
  SECTION("no transaction has the id 0") {
    CHECK_FALSE(Cursor::decode(text_of({0, 0})));
    CHECK_FALSE(Cursor::decode(text_of({3, 1, 3})));
  }
  SECTION("running ids are below xmax, each once") {
    CHECK_FALSE(Cursor::decode(text_of({750, 1, 0})));
    CHECK_FALSE(Cursor::decode(text_of({750, 2, 2, 0})));
    CHECK_FALSE(Cursor::decode(text_of({750, 1, 751})));
  }
  SECTION("more running ids than there are bytes") {
    CHECK_FALSE(Cursor::decode(text_of({750, 2, 2})));
    CHECK_FALSE(Cursor::decode(text_of({750, std::uint64_t{1} << 62})));
  }
  SECTION("an xmax that overflows") {
    CHECK_FALSE(Cursor::decode(text_of({750, 0, UINT64_MAX, 0, 1})));
  }
  SECTION("a seq that PostgreSQL has not") {
    CHECK(Cursor::decode(text_of({750, 0, 1, 0, INT64_MAX})));
    CHECK_FALSE(Cursor::decode(text_of({750, 0, 1, 0, std::uint64_t{INT64_MAX} + 1})));
  }
  SECTION("bytes after the end") {
    CHECK_FALSE(Cursor::decode(text_of({750, 0, 1, 0, 4711, 0})));
  }
  SECTION("a batch that does not come after its beginning") {
    CHECK_FALSE(Cursor::decode(text_of({750, 0, 1, 1, 2, 4711})));
  }
}

TEST_CASE("A text that is longer than a cursor of ours is refused unread", "[cursor]") {
  Cursor cursor{kEpoch, {}};
  const auto grow_to = [&cursor](std::size_t chars) {
    while (cursor.encode().size() < chars) {
      const auto next = cursor.position.seen.xip.size() + 1;
      cursor.position.seen.xip.push_back(next);
      cursor.position.seen.xmin = 1;
      cursor.position.seen.xmax = next + 1;
    }
  };
  grow_to(Cursor::kMaxChars - 1);
  REQUIRE(cursor.encode().size() <= Cursor::kMaxChars);
  CHECK(Cursor::decode(cursor.encode()) == cursor);
  grow_to(Cursor::kMaxChars + 1);
  CHECK_FALSE(Cursor::decode(cursor.encode()));
}

constexpr TransactionId kLastId = (TransactionId{1} << 42) - 1;
constexpr std::int64_t kLastSeq = (std::int64_t{1} << 42) - 1;

// `count` transactions run at once, `distance` ids apart.
Snapshot running(std::size_t count, TransactionId distance) {
  return testing::snapshot_of(kLastId, testing::ids_below(kLastId, std::vector(count, distance)));
}

// What cursor.h says that the bound holds.
TEST_CASE("The cursors of a thousand transactions that run at once come back", "[cursor]") {
  const auto [plain, in_batch, distance] = GENERATE(table<std::size_t, std::size_t, TransactionId>(
      {{1000, 1000, 1}, {3000, 1500, 127}, {1500, 750, 16'000}}));
  const Cursor at_snapshot{kEpoch, {running(plain, distance), std::nullopt}};
  CHECK(Cursor::decode(at_snapshot.encode()) == at_snapshot);

  // All of them still run at the end of the batch.
  const auto seen = running(in_batch, distance);
  auto target = seen;
  target.xmax += 5000;
  const Cursor inside{kEpoch, {seen, Position::InBatch{target, kLastSeq}}};
  CHECK(Cursor::decode(inside.encode()) == inside);
}

TEST_CASE("A cursor of more running transactions than the bound holds is refused", "[cursor]") {
  const Cursor cursor{kEpoch, {running(3100, 127), std::nullopt}};
  CHECK(cursor.encode().size() > Cursor::kMaxChars);
  CHECK_FALSE(Cursor::decode(cursor.encode()));
}

// The lengths that cursor.h and docs/protocol.md promise.
TEST_CASE("A cursor is short", "[cursor]") {
  const auto chars = [](const Position& position) {
    return Cursor{kEpoch, position}.encode().size();
  };
  const auto quiet = [](TransactionId id) { return Snapshot{id, id, {}}; };

  SECTION("with no concurrent writer") {
    CHECK(chars({quiet(kLastId), std::nullopt}) == 19);
    CHECK(chars({quiet(1'000'000), std::nullopt}) == 15);
  }
  SECTION("inside a batch") {
    CHECK(chars({quiet(kLastId / 2), Position::InBatch{quiet(kLastId), kLastSeq}}) == 36);
    CHECK(chars({quiet(kLastId - 10'000), Position::InBatch{quiet(kLastId), kLastSeq}}) == 31);
    CHECK(chars({quiet(1'000'000), Position::InBatch{quiet(1'000'001), 1'000'000}}) == 21);
  }
  SECTION("with running transactions") {
    CHECK(chars({running(16, 100), std::nullopt}) == 40);
    CHECK(chars({running(16, 10'000), std::nullopt}) == 61);
    CHECK(chars({running(1000, 100), Position::InBatch{running(1000, 100), kLastSeq}}) == 2699);
  }
}

}  // namespace
}  // namespace ordercast
