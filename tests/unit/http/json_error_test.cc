#include "http/json_error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace ordercast::http {

TEST_CASE("an error is JSON with a code and a message") {
  const auto response = json_error(404, "not_found", "say \"please\"\n");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/json");
  const auto body = nlohmann::json::parse(response.body);
  CHECK(body ==
        nlohmann::json{{"error", {{"code", "not_found"}, {"message", "say \"please\"\n"}}}});
}

TEST_CASE("a message that quotes broken UTF-8 is still JSON") {
  const auto body = nlohmann::json::parse(json_error(400, "x", "no stream '\xff'").body);
  CHECK(body["error"]["message"] == "no stream '\xef\xbf\xbd'");
}

}  // namespace ordercast::http
