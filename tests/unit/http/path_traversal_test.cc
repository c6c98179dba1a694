// docs/security.md row 21: the board's files are in the program; no path leads to any other file.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/embedded_file.h"
#include "http/board_handler.h"
#include "http/server.h"
#include "support/http_client.h"

namespace ordercast::testing {
namespace {

using std::string_literals::operator""s;

// Ways to write "..", and what parts it from the next one.
const std::vector<std::string> kUps = {
    "..",           "%2e%2e",       ".%2e", "%252e%252e", "..%00",
    "%c0%ae%c0%ae", "%u002e%u002e", "....", "..;",        "\xef\xbc\x8e\xef\xbc\x8e",
    "...",          "..%20"};
const std::vector<std::string> kSlashes = {"/", "%2f", "%5c", "\\", "%252f", "%c0%af", "//"};
const std::vector<std::string> kOthers = {"/etc/passwd",
                                          "//etc/passwd",
                                          "///etc/passwd",
                                          "/%2fetc%2fpasswd",
                                          "/%00/etc/passwd",
                                          "/index.html%00.svg",
                                          "/board.js%00",
                                          "/~root/.bashrc",
                                          "/proc/self/environ",
                                          "/proc/self/cmdline",
                                          "/./etc/passwd",
                                          "/file:///etc/passwd",
                                          "/C:/Windows/win.ini",
                                          "/index.html/../../etc/passwd",
                                          "/%2e/%2e%2e/etc/passwd",
                                          "/web/index.html",
                                          "/.git/config",
                                          "/.env",
                                          "/index.html/",
                                          "/index.html.",
                                          "/INDEX.HTML",
                                          "/index.html::$DATA",
                                          "/*",
                                          "/%"};

std::vector<std::string> targets() {
  auto all = kOthers;
  for (const auto& up : kUps) {
    for (const auto& slash : kSlashes) {
      const auto step = up + slash;
      all.push_back("/" + step + step + step + step + "etc" + slash + "passwd");
      all.push_back("/" + step + "index.html");
    }
  }
  return all;
}

std::set<std::string> embedded_bytes() {
  std::set<std::string> all;
  for (const auto& file : web_files()) all.emplace(file.bytes);
  return all;
}

}  // namespace

TEST_CASE("no path leads out of the board's own files") {
  http::Server server;
  http::add_board_routes(server);
  server.start("127.0.0.1", 0);
  const auto known = embedded_bytes();
  const auto all = targets();
  REQUIRE(all.size() >= 100);
  for (const auto& target : all) {
    INFO(target);
    const auto responses =
        round_trip(server.port(), "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(responses.size() == 1);
    CHECK((responses[0].status == 404 || responses[0].status == 400));
    CHECK_FALSE(known.contains(responses[0].body));
    CHECK(responses[0].body.find("root:") == std::string::npos);
  }
  for (const auto& file : web_files()) {
    const auto path = file.name == "index.html" ? "/"s : "/" + std::string(file.name);
    CHECK(fetch(server.port(), "GET", path).body == file.bytes);
  }
}

TEST_CASE("no page may frame the board, and it loads nothing from elsewhere") {
  http::Server server;
  http::add_board_routes(server);
  server.start("127.0.0.1", 0);
  const auto board = fetch(server.port(), "GET", "/");
  const auto policy = board.header("Content-Security-Policy");
  REQUIRE(policy);
  CHECK_THAT(std::string(*policy), Catch::Contains("default-src 'self'"));
  CHECK_THAT(std::string(*policy), Catch::Contains("frame-ancestors 'none'"));
  CHECK_THAT(std::string(*policy), !Catch::Contains("unsafe"));
  CHECK(board.header("X-Content-Type-Options") == "nosniff");
}

}  // namespace ordercast::testing
