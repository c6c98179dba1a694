// One line for each stream that ended, with the reason; one for each request.
#include "support/access_log.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "http/server.h"
#include "http/stream_handler.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kBufferBytes = 2048;

// Accepts connections whose sockets take little at once.
int accept_with_small_buffer(int listening_fd) {
  const int fd = ::accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  return fd;
}

struct Served {
  explicit Served(http::ServerOptions options = {}) : server(std::move(options)) {
    http::add_stream_routes(server, fixture.hub, {});
    server.route("GET", "/throw", [](const http::Request&) -> http::Response {
      throw std::runtime_error("secret");
    });
    server.start("127.0.0.1", 0);
  }
  ~Served() {
    fixture.hub.close();
    server.stop();
  }

  HubFixture fixture;
  http::Server server;
};

TEST_CASE("The line of a stream says who had what of it, and for how long", "[access]") {
  const AccessLog log;
  Served site;
  auto client = std::make_unique<EventStreamClient>(
      site.server.port(), "/v1/streams/orders?events=insert",
      std::vector<http::Header>{{"User-Agent", "board/1 \"x\""}, {"Authorization", "hunter2"}});
  client->next_of_type("hello");
  site.fixture.commit_and_publish(1);
  client->next_of_type("insert");
  client.reset();

  const auto line = log.wait_for("stream ended");
  INFO(line);
  CHECK(line.at("stream") == "orders");
  CHECK(line.at("reason") == "client_gone");
  CHECK(line.at("events") == 1);
  CHECK(line.at("bytes") > 100);
  CHECK(line.at("duration_seconds") > 0);
  CHECK(line.at("address") == "127.0.0.1");
  CHECK(line.at("user_agent") == "board/1 \"x\"");
  CHECK_THAT(line.at("view").get<std::string>(), Catch::Contains("insert"));
  CHECK_THAT(line.dump(), !Catch::Contains("hunter2"));
}

TEST_CASE("A client that takes nothing is a slow consumer, not one that has gone", "[access]") {
  const AccessLog log;
  http::ServerOptions options;
  options.write_stall_timeout = 200ms;
  options.accept = accept_with_small_buffer;
  Served site(options);
  RawConnection client(site.server.port(), "127.0.0.1", kBufferBytes);
  client.send("GET /v1/streams/orders HTTP/1.1\r\nHost: localhost\r\n\r\n");
  static_cast<void>(client.read_until("event: hello"));
  // More than all the buffers between here and there hold.
  for (int i = 0; i < 1000; ++i) site.fixture.commit_and_publish(i);
  CHECK(log.wait_for("stream ended").at("reason") == "slow_consumer");
  CHECK(site.fixture.hub.traffic().closed.counts().at("slow_consumer") == 1);
}

TEST_CASE("The end of a stream is the client's, the hub's, or that all was sent", "[access]") {
  const AccessLog log;
  Served site;
  auto& hub = site.fixture.hub;
  std::string target = "/v1/streams/orders";
  std::string reason;
  std::function<void()> end = [] {};
  SECTION("drained") {
    reason = "drain";
    end = [&] { hub.drain(0ms); };
  }
  SECTION("shut down") {
    reason = "shutdown";
    end = [&] { hub.close(); };
  }
  SECTION("without its stream") {
    reason = "stream_changed";
    end = [&] { hub.set_catalog(std::make_shared<Catalog>()); };
  }
  SECTION("complete") {
    reason = "complete";
    target += "?last_event_id=earliest&until=now";
  }
  EventStreamClient client(site.server.port(), target);
  client.next_of_type("hello");
  end();
  while (client.next()) {
  }
  CHECK(log.wait_for("stream ended").at("reason") == reason);
  CHECK(hub.traffic().closed.counts().at(reason) == 1);
  CHECK(hub.traffic().opened.value() == 1);
}

TEST_CASE("Without a database the stream that ends says so", "[access]") {
  const AccessLog log;
  MemoryLog memory;
  hub::Hub hub(memory, {});
  http::Server server;
  http::add_stream_routes(server, hub, {});
  server.start("127.0.0.1", 0);
  EventStreamClient client(server.port(), "/v1/streams/orders");
  while (client.next()) {
  }
  CHECK(log.wait_for("stream ended").at("reason") == "database_down");
  server.stop();
}

TEST_CASE("A request is counted by its status and, when it was refused, by the problem's code",
          "[access]") {
  const AccessLog log;
  Served site;
  const auto port = site.server.port();
  CHECK(fetch(port, "GET", "/v1/streams/ordres?ticket=hunter2").status == 404);
  CHECK(fetch(port, "GET", "/v1/streams/orders?limit=x").status == 400);
  CHECK(fetch(port, "GET", "/throw").status == 500);
  static_cast<void>(round_trip(port, "GET / HTTP/1.1\r\nbad header\r\n\r\n"));

  const auto line = log.wait_for("request");
  INFO(line);
  CHECK(line.at("status") == 404);
  CHECK(line.at("code") == "unknown_stream");
  CHECK(line.at("path") == "/v1/streams/ordres");
  CHECK(line.at("method") == "GET");
  CHECK_THAT(line.dump(), !Catch::Contains("hunter2"));
  const auto counters = site.server.counters();
  CHECK(counters.answers.at("404") == 1);
  CHECK(counters.answers.at("400") == 2);
  CHECK(counters.answers.at("500") == 1);
  CHECK(counters.refusals.at("unknown_stream") == 1);
  CHECK(counters.refusals.at("bad_parameter") == 1);
  CHECK(counters.refusals.at("internal_error") == 1);
}

}  // namespace
}  // namespace ordercast::testing
