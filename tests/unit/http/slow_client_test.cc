// docs/security.md row 10: a request has one deadline, however its bytes trickle in, and those who
// are slow are in nobody's way.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using std::chrono::milliseconds;

http::ServerOptions with_deadline(milliseconds deadline) {
  http::ServerOptions options;
  options.request_timeout = deadline;
  return options;
}

// Long enough that a client has spoken before, also on a busy machine.
constexpr milliseconds kDeadline{4'000};

// Of who sends or asks again and again.
constexpr milliseconds kPace{5};
const std::string kEndless = "GET /echo HTTP/1.1\r\nHost: x\r\nX: " + std::string(4'000, 'a');

}  // namespace

TEST_CASE("a request that does not arrive in time is answered 408") {
  TestSite site(with_deadline(kDeadline));
  RawConnection head(site.port());
  RawConnection body(site.port());
  head.send("GET /echo HTTP/1.1\r\nHost: x\r\n");
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx");
  for (auto* client : {&head, &body}) {
    const auto responses = parse_responses(client->read_to_end());
    REQUIRE(responses.size() == 1);
    CHECK(responses[0].status == 408);
    CHECK(responses[0].body.find("request_timeout") != std::string::npos);
  }
}

TEST_CASE("a connection that says nothing is closed without a word") {
  // Browsers open such connections in advance; an answer to no question would confuse them.
  TestSite site(with_deadline(milliseconds(100)));
  RawConnection client(site.port());
  CHECK(client.read_to_end().empty());
}

TEST_CASE("bytes that trickle do not move the deadline") {
  TestSite site(with_deadline(kDeadline));
  RawConnection client(site.port());
  client.send("GET /echo HTTP/1.1\r\nHost: x\r\nX: ");
  // Each byte would renew a time-out per read, until there are too many of them: four times the
  // deadline later, and that is another answer.
  const auto too_many = http::HeadLimits().head_bytes;
  for (std::size_t i = 0; i < too_many && client.silent_for(milliseconds(2)); ++i) client.send("a");
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].status == 408);
}

TEST_CASE("two hundred slow clients are in nobody's way, and all are cut") {
  // Long enough that all come before the first of them is cut.
  TestSite site(with_deadline(milliseconds(8'000)));
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<RawConnection>(site.port()));
    slow.back()->send(kEndless.substr(0, 40));
  }
  CHECK(eventually([&] { return site.server().counters().accepted >= 200; }));
  std::atomic<bool> done = false;
  std::thread trickle([&] {
    for (std::size_t i = 40; i < kEndless.size() && !done; ++i) {
      for (const auto& client : slow) client->send(kEndless.substr(i, 1));
      std::this_thread::sleep_for(kPace);  // the slowness under test
    }
  });

  // While they hold their connections, others are served.
  int served_meanwhile = 0;
  while (site.server().counters().open_connections >= 200) {
    CHECK(fetch(site.port(), "GET", "/echo").status == 200);
    ++served_meanwhile;
    std::this_thread::sleep_for(kPace);  // neither has to take all of the machine
  }
  CHECK(served_meanwhile > 0);
  done = true;
  trickle.join();
  for (const auto& client : slow) {
    // The answer, or a reset because bytes were still coming: but an end, soon.
    const auto bytes = client->read_to_end();
    CHECK((bytes.empty() || bytes.starts_with("HTTP/1.1 408 ")));
  }
  CHECK(eventually([&] { return site.server().counters().open_connections == 0; }));
}

TEST_CASE("a client that does not read its answer is dropped at the deadline") {
  http::ServerOptions options;
  options.response_timeout = milliseconds(100);
  const std::string large(std::size_t{16} << 20, 'x');
  http::Server server(options);
  server.route("GET", "/large", [&](const http::Request&) {
    return http::Response{.content_type = "text/plain", .body = large};
  });
  server.start("127.0.0.1", 0);
  RawConnection client(server.port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(eventually([&] { return server.counters().accepted == 1; }));
  CHECK(eventually([&] { return server.counters().open_connections == 0; }));
}

}  // namespace ordercast::testing
