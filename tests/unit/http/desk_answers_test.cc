#include "http/desk_answers.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace ordercast::http {
namespace {

using nlohmann::json;

json told(const DatabaseRefusal& refusal, int status) {
  const auto response = refused_by_database(refusal);
  INFO(refusal.code);
  CHECK(response.status == status);
  return json::parse(response.body);
}

}  // namespace

TEST_CASE("the database's own words reach who writes") {
  const auto body =
      told({"23505", "duplicate key value", "Choose another.", "orders_number_key"}, 409);
  CHECK(body["code"] == "conflict");
  CHECK(body["detail"] == "duplicate key value");
  CHECK(body["hint"] == "Choose another.");
  CHECK(body["constraint"] == "orders_number_key");
  CHECK(body["sqlstate"] == "23505");
  const auto bare = told({"22P02", "no number", "", ""}, 422);
  CHECK_FALSE(bare.contains("hint"));
  CHECK_FALSE(bare.contains("constraint"));
}

TEST_CASE("what a constraint of the values says differs from what contradicts the present") {
  CHECK(told({"23514", "total >= 0", "", "orders_total_check"}, 422)["code"] == "constraint");
  CHECK(told({"23514", "paid cannot become created", "", ""}, 409)["code"] == "conflict");
  told({"23502", "null value", "", ""}, 422);
  told({"23503", "no such merchant", "", "orders_merchant_fkey"}, 409);
  told({"23P01", "overlaps", "", "no_overlap"}, 409);
}

TEST_CASE("each kind of refusal has its status") {
  for (const auto& [code, status] : std::vector<std::pair<const char*, int>>{{"42501", 403},
                                                                             {"42704", 404},
                                                                             {"42703", 422},
                                                                             {"42602", 422},
                                                                             {"42939", 422},
                                                                             {"428C9", 422},
                                                                             {"22003", 422},
                                                                             {"54000", 422},
                                                                             {"54001", 422},
                                                                             {"P0001", 422},
                                                                             {"09000", 422},
                                                                             {"40001", 503},
                                                                             {"40P01", 503},
                                                                             {"53100", 503},
                                                                             {"55P03", 503}}) {
    told({code, "why", "", ""}, status);
  }
}

TEST_CASE("who may try again is told when") {
  const auto response = refused_by_database({"55P03", "locked", "", ""});
  CHECK(response.headers.back().name == "Retry-After");
}

TEST_CASE("what is our own fault says nothing of what it was") {
  const auto body = told({"42P01", "relation \"secret\" does not exist", "", ""}, 500);
  CHECK(body["code"] == "internal_error");
  CHECK(body.dump().find("secret") == std::string::npos);
}

}  // namespace ordercast::http
