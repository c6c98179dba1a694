#include "app/cursor_command.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace ordercast::app {
namespace {

using Catch::Contains;

constexpr Epoch kEpoch{0x0123456789ab};
const Cursor kAtSnapshot{kEpoch, {{742, 750, {742, 748}}, std::nullopt}};
const Cursor kInBatch{kEpoch, {{742, 750, {742, 748}}, Position::InBatch{{760, 760, {}}, 4711}}};

TEST_CASE("A cursor is told in words", "[cursor_command]") {
  CHECK(describe(kAtSnapshot) ==
        "version    1\n"
        "epoch      0123456789ab\n"
        "has all that this snapshot sees\n"
        "  xmin     742\n"
        "  xmax     750\n"
        "  running  742 748\n");
  CHECK(describe(kInBatch) == describe(kAtSnapshot) +
                                  "and, of what this snapshot sees besides, all up to seq 4711\n"
                                  "  xmin     760\n"
                                  "  xmax     760\n"
                                  "  running  none\n");
}

TEST_CASE("A cursor is told in JSON", "[cursor_command]") {
  CHECK(describe_json(kAtSnapshot) ==
        R"({"version":1,"epoch":"0123456789ab",)"
        R"("snapshot":{"xmin":"742","xmax":"750","running":["742","748"]},"in_batch":null})");
  CHECK(describe_json(kInBatch) ==
        R"({"version":1,"epoch":"0123456789ab",)"
        R"("snapshot":{"xmin":"742","xmax":"750","running":["742","748"]},)"
        R"("in_batch":{"target":{"xmin":"760","xmax":"760","running":[]},"seq":4711}})");
}

TEST_CASE("A text that is no cursor is refused with the reason", "[cursor_command]") {
  CHECK(parse_cursor(kInBatch.encode()) == kInBatch);
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "begin with the version"},
      {"garbage", "begin with the version"},
      {"2AAAA", "begin with the version"},
      {"earliest", "when it is asked for"},
      {"1ASNFZ4mr7gUCAgYKAQznJ", "cut short"},
      {std::string(Cursor::kMaxChars + 1, '1'), "4097 characters"},
  }));
  CHECK_THROWS_WITH(parse_cursor(text), Contains(reason));
}

TEST_CASE("The verb takes one text", "[cursor_command]") {
  CLI::App app;
  add_cursor(app);
  CHECK_THROWS_AS(app.parse("cursor", false), CLI::RequiredError);
  CHECK_THROWS_AS(app.parse("cursor decode", false), CLI::RequiredError);
  CHECK_THROWS_AS(app.parse("cursor decode garbage", false), std::invalid_argument);
}

}  // namespace
}  // namespace ordercast::app
