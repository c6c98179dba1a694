#include "core/reset.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ordercast {
namespace {

using nlohmann::json;

TEST_CASE("A reset says what happened and what to do, in one sentence", "[reset]") {
  const auto* reason = GENERATE("truncate", "reload", "retention", "epoch", "bad_cursor");
  const auto data = json::parse(reset_data(reason));
  CHECK(data.size() == 2);
  CHECK(data.at("reason") == reason);
  const auto message = data.at("message").get<std::string>();
  CHECK_THAT(message, Catch::Contains(": forget the rows that you hold"));
  CHECK(message.find('.') == message.size() - 1);
  // An empty table has no rows to read again; whatever else happened, there may be some.
  CHECK((message.find("snapshot=true") == message.npos) == (reason == std::string("truncate")));
}

TEST_CASE("A reset that the log holds says when it was made, and its number", "[reset]") {
  Change cause;
  cause.seq = 1234;
  cause.at = "2026-11-23T17:56:29.123456Z";
  const auto data = json::parse(reset_data("truncate", &cause));
  CHECK(data.at("at") == cause.at);
  CHECK(data.at("seq") == cause.seq);
  CHECK(data.contains("message"));
}

TEST_CASE("A reason that the protocol does not have is a mistake of ours", "[reset]") {
  CHECK_THROWS_AS(reset_data("weather"), std::logic_error);
}

TEST_CASE("The changes that are resets have their reasons", "[reset]") {
  CHECK(reset_reason(Op::kTruncate) == "truncate");
  CHECK(reset_reason(Op::kReload) == "reload");
}

}  // namespace
}  // namespace ordercast
