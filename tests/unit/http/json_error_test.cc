#include "http/json_error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace ordercast::http {

using nlohmann::json;

TEST_CASE("an error is problem details with a code for programs and a detail for people") {
  const auto response = json_error(404, "not_found", "say \"please\"\n");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  CHECK(json::parse(response.body) == json{{"type", "about:blank"},
                                           {"title", "Not Found"},
                                           {"status", 404},
                                           {"code", "not_found"},
                                           {"detail", "say \"please\"\n"}});
}

TEST_CASE("an error may say more") {
  const auto response = json_error(412, "changed", "look",
                                   {{"row", R"({"id":1})"}, {"hint", json_string("a \"b\"")}});
  const auto body = json::parse(response.body);
  CHECK(body["row"] == json{{"id", 1}});
  CHECK(body["hint"] == "a \"b\"");
}

TEST_CASE("a message that quotes broken UTF-8 is still JSON") {
  const auto body = json::parse(json_error(400, "x", "no stream '\xff'").body);
  CHECK(body["detail"] == "no stream '\xef\xbf\xbd'");
}

}  // namespace ordercast::http
