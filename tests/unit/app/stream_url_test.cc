#include "app/stream_url.h"

#include <catch2/catch.hpp>

namespace ordercast::app {

TEST_CASE("a stream is named by its name, its server, or its URL") {
  const std::string server = "http://127.0.0.1:8080";
  CHECK(stream_url(server, "", {}) == "http://127.0.0.1:8080/v1/streams/orders");
  CHECK(stream_url(server + "/", "price list", {}) ==
        "http://127.0.0.1:8080/v1/streams/price%20list");
  CHECK(stream_url(server, "https://shop.example", {}) == "https://shop.example/v1/streams/orders");
  CHECK(stream_url(server, "http://a:1/v1/streams/x?select=id", {{"status", "eq.paid"}}) ==
        "http://a:1/v1/streams/x?select=id&status=eq.paid");
}

TEST_CASE("filters arrive as they were meant") {
  CHECK(stream_url("http://a", "", {{"or", "(a.eq.1,note.like.*x*)"}, {"note", "eq.a&b=c+d %"}}) ==
        "http://a/v1/streams/orders?or=(a.eq.1,note.like.*x*)&note=eq.a%26b%3Dc%2Bd%20%25");
}

TEST_CASE("what names no stream is refused, and so is a secret in a URL") {
  CHECK_THROWS_AS(stream_url("127.0.0.1:8080", "orders", {}), std::invalid_argument);
  CHECK_THROWS_AS(stream_url("http://a/path", "orders", {}), std::invalid_argument);
  CHECK_THROWS_AS(stream_url("", "http://user:secret@a/v1/streams/orders", {}),
                  std::invalid_argument);
}

}  // namespace ordercast::app
