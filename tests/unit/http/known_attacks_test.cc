// docs/security.md row 17: each published weakness of cpp-httplib 0.11.4, run against our server.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using nlohmann::json;
using std::string_literals::operator""s;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr long kMostGrowth = 1L << 40;  // their own memory is not ours to measure
#else
// 1 MiB is what an attack may cost; thread stacks and malloc arenas that are kept for reuse come on
// top.
constexpr long kMostGrowth = 3L << 20;
#endif

long resident_bytes() {
  long total = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// Sends `head`, then `block` again and again until the server refuses or `most` bytes are out.
// Returns the status of the one answer, 0 when it is a reset.
int flood(std::uint16_t port, const std::string& head, const std::string& block,
          std::size_t most = std::size_t{64} << 20) {
  RawConnection client(port);
  bool sending = client.send(head);
  for (std::size_t sent = 0; sending && sent < most; sent += block.size()) {
    sending = client.send(block);
  }
  const auto responses = parse_responses(client.read_to_end());
  if (responses.empty()) return 0;
  REQUIRE(responses.size() == 1);
  return responses[0].status;
}

// Runs the attack a few times after a warm-up, and checks that memory does not grow.
template <typename Attack>
void check_memory(Attack attack) {
  attack();
  const long before = resident_bytes();
  for (int i = 0; i < 3; ++i) attack();
  CHECK(resident_bytes() - before < kMostGrowth);
}

const std::string kGet = "GET /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kBlock(64 * 1024, 'x');

}  // namespace

TEST_CASE("CVE-2025-46728: an endless header line costs no memory") {
  TestSite site;
  check_memory([&] {
    const int status = flood(site.port(), kGet + "X: ", kBlock);
    CHECK((status == 431 || status == 0));
  });
}

TEST_CASE("an endless request line costs no memory") {
  TestSite site;
  check_memory([&] {
    const int status = flood(site.port(), "GET /", kBlock);
    CHECK((status == 414 || status == 0));
  });
}

TEST_CASE("CVE-2025-52887: endless headers cost no memory") {
  TestSite site;
  std::string lines;
  while (lines.size() < 64 * 1024) lines += "a: b\r\n";
  check_memory([&] {
    const int status = flood(site.port(), kGet, lines);
    CHECK((status == 431 || status == 0));
  });
}

TEST_CASE("CVE-2025-53629, -53628: an endless chunked body is refused by its header") {
  TestSite site;
  const auto chunk = "10000\r\n" + kBlock + "\r\n";
  check_memory([&] {
    const int status = flood(site.port(), kPost + "Transfer-Encoding: chunked\r\n\r\n", chunk);
    CHECK((status == 501 || status == 0));
  });
}

TEST_CASE("an endless body without a length is not read") {
  TestSite site;
  check_memory([&] {
    const int status = flood(site.port(), kPost + "\r\n", kBlock);
    CHECK((status == 200 || status == 0));
  });
}

TEST_CASE("CVE-2026-45352: a negative chunk size is never looked at") {
  TestSite site;
  CHECK(flood(site.port(), kPost + "Transfer-Encoding: chunked\r\n\r\n-2\r\n", "x", 1) == 501);
}

TEST_CASE("CVE-2026-22776, -28435: compressed bodies are refused, and not unpacked") {
  TestSite site;
  // A gzip stream that grows a thousandfold, for as long as the server takes it.
  const auto bomb = kPost + "Content-Encoding: gzip\r\nContent-Length: 60000\r\n\r\n" +
                    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"s;
  check_memory([&] {
    const int status = flood(site.port(), bomb, std::string(60'000, '\0'), 60'000);
    CHECK((status == 415 || status == 0));
  });
  for (const char* encoding : {"gzip", "deflate", "br", "identity"}) {
    INFO(encoding);
    const auto response =
        fetch(site.port(), "POST", "/echo", "\x1f\x8b", {{"Content-Encoding", encoding}});
    CHECK(response.status == 415);
  }
}

TEST_CASE("CVE-2025-66570: no header is taken for the client's address") {
  TestSite site;
  for (const char* name : {"REMOTE_ADDR", "REMOTE_PORT", "LOCAL_ADDR", "LOCAL_PORT"}) {
    INFO(name);
    const auto echo = json::parse(fetch(site.port(), "GET", "/echo", {}, {{name, "6.6.6.6"}}).body);
    CHECK(echo["remote"] == "127.0.0.1");
    CHECK(echo["headers"].size() == 1);  // Host
  }
}

TEST_CASE("CVE-2026-28434: what() of an exception is in no header") {
  TestSite site;
  const auto response = fetch(site.port(), "GET", "/throw/runtime_error");
  CHECK(response.status == 500);
  CHECK_FALSE(response.header("EXCEPTION_WHAT"));
  CHECK(response.head.find(kSecret) == response.head.npos);
}

TEST_CASE("CVE-2026-45372: header values are not decoded") {
  TestSite site;
  const auto response =
      fetch(site.port(), "GET", "/echo", {}, {{"Last-Event-ID", "%41%20%e2%82%ac"}});
  CHECK(json::parse(response.body)["headers"][1][1] == "%41%20%e2%82%ac");
}

TEST_CASE("CVE-2026-29076: multipart bodies are bytes, whatever is in their headers") {
  TestSite site;
  const std::string body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" +
                           std::string(60'000, 'a') + "\"\r\n\r\nx\r\n--b--\r\n";
  const auto response = fetch(site.port(), "POST", "/echo", body,
                              {{"Content-Type", "multipart/form-data; boundary=b"}});
  CHECK(response.status == 200);
  CHECK(json::parse(response.body)["body"] == body);
}

TEST_CASE("form bodies are bytes too, and do not become parameters") {
  TestSite site;
  const auto response = fetch(site.port(), "POST", "/echo", "a=1&b=2",
                              {{"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(json::parse(response.body)["params"].empty());
  CHECK(json::parse(response.body)["body"] == "a=1&b=2");
}

TEST_CASE("Range changes nothing") {
  TestSite site;
  for (const std::string& range :
       {"bytes=0-1"s, "bytes=" + std::string(7'000, '9') + "-", "bytes=0-0,1-1,2-2"s, "x"s}) {
    INFO(range.substr(0, 40));
    const auto response = fetch(site.port(), "GET", "/echo", {}, {{"Range", range}});
    CHECK(response.status == 200);
    CHECK_FALSE(response.header("Content-Range"));
    CHECK_FALSE(response.header("Accept-Ranges"));
  }
}

TEST_CASE("a body as large as the limit is taken, and no byte more") {
  TestSite site;
  const std::size_t limit = http::HeadLimits().body_bytes;
  CHECK(fetch(site.port(), "POST", "/echo", std::string(limit, 'x')).status == 200);
  CHECK(fetch(site.port(), "POST", "/echo", std::string(limit + 1, 'x')).status == 413);
}

}  // namespace ordercast::testing
