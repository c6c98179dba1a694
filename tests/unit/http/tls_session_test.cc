// HTTPS as its clients meet it: the handshake, what goes through it, and those who do not mean it.
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/tcp.h"
#include "http/wire.h"
#include "support/http_client.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"
#include "support/test_site.h"
#include "support/tls_connection.h"

namespace ordercast::testing {
namespace {

using Catch::Contains;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kDeadline{1'000};
// Long enough for a handshake before, also on a busy machine.
constexpr milliseconds kLongDeadline{4'000};

http::ServerOptions with_tls(http::ServerOptions options = {}) {
  const TempDir folder;
  const auto files = make_certificate(folder.path(), "shop.example");
  options.tls = std::make_shared<http::TlsCertificate>(
      http::TlsFiles{.certificate = files.certificate, .key = files.key});
  return options;
}

http::ServerOptions with_deadline(milliseconds deadline) {
  http::ServerOptions options;
  options.request_timeout = deadline;
  return with_tls(options);
}

constexpr int kSmallBuffer = 2048;  // of a socket; Linux doubles it
constexpr std::size_t kLongText = 1024 * 1024;

// The same socket, which takes little at once.
int with_small_buffer(int fd) {
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSmallBuffer, sizeof(kSmallBuffer));
  return fd;
}

// A ClientHello of 508 bytes with its headers (RFC 8446 sections 4 and 5.1), and its beginning.
constexpr std::size_t kHelloBytes = 508 + 4 + 5;
const std::string kHello = std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

}  // namespace

TEST_CASE("a request and its answer go through TLS, and its end is told from a cut") {
  TestSite site(with_tls());
  CHECK(site.server().url() == "https://127.0.0.1:" + std::to_string(site.port()));
  TlsConnection client{RawConnection(site.port())};
  CHECK(client.version() == "TLSv1.3");
  CHECK(client.common_name() == "shop.example");
  // More than a record holds, and than is read at once.
  const std::string body(40'000, 'x');
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n" + body);
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].complete);
  CHECK(nlohmann::json::parse(responses[0].body)["body"] == body);
  CHECK(client.ended_properly());
}

TEST_CASE("a stream goes through TLS 1.2, too") {
  TestSite site(with_tls());
  TlsConnection client(RawConnection(site.port()), {.newest = TLS1_2_VERSION});
  CHECK(client.version() == "TLSv1.2");
  client.send("GET /stream/three HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].complete);
  CHECK(client.ended_properly());
}

TEST_CASE("older versions are refused") {
  TestSite site(with_tls());
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    CHECK_THROWS_AS(TlsConnection(RawConnection(site.port()), {.newest = version}),
                    HandshakeFailed);
  }
}

TEST_CASE("HTTP/1.1 is what is spoken, whatever else a client names") {
  TestSite site(with_tls());
  const auto chosen = [&](const std::vector<std::string>& protocols) {
    return TlsConnection(RawConnection(site.port()), {.protocols = protocols}).protocol();
  };
  CHECK(chosen({}).empty());
  CHECK(chosen({"http/1.1"}) == "http/1.1");
  CHECK(chosen({"h2", "http/1.1"}) == "http/1.1");
  CHECK_THROWS_WITH(chosen({"h2"}), Contains("no application protocol"));
}

TEST_CASE(
    "a handshake counts within the request's deadline, and bytes that trickle do not move it") {
  TestSite site(with_deadline(kDeadline));
  RawConnection silent(site.port());
  RawConnection client(site.port());
  client.send(kHello);
  // Each byte would renew a time-out per read; to the last one they take ten times the deadline.
  std::size_t sent = kHello.size();
  while (sent < kHelloBytes && client.silent_for(milliseconds(20))) {
    client.send("\1");
    ++sent;
  }
  CHECK(sent < kHelloBytes);
  CHECK(client.read_to_end().empty());
  CHECK(silent.read_to_end().empty());
}

TEST_CASE("after the handshake what is left of the deadline is the request's") {
  TestSite site(with_deadline(kLongDeadline));
  TlsConnection client{RawConnection(site.port())};
  client.send("GET /echo HTTP/1.1\r\nHost: x\r\n");
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].status == 408);
}

TEST_CASE("what is no TLS is cut, and the next one is served") {
  TestSite site(with_tls());
  for (const std::string bytes :
       {"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", "\x80\x2e\x01\x00", "\r\n"}) {
    RawConnection client(site.port());
    client.send(bytes);
    client.end_sending();
    CHECK_THAT(client.read_to_end(), !Contains("HTTP/1.1"));
  }
  CHECK(site.smuggled() == 0);
  CHECK(tls_fetch(site.port(), "GET", "/echo").status == 200);
}

TEST_CASE("a chain of certificates may be longer than what the socket takes at once") {
  const TempDir folder;
  const auto files = make_certificate(folder.path(), "shop.example");
  std::ifstream in(files.certificate);
  const std::string one(std::istreambuf_iterator<char>(in), {});
  std::ofstream out(files.certificate, std::ios::app);
  for (int i = 0; i < 100; ++i) out << one;
  out.close();
  http::ServerOptions options;
  options.accept = [](int listening_fd) {
    return with_small_buffer(::accept(listening_fd, {}, {}));
  };
  options.tls = std::make_shared<http::TlsCertificate>(
      http::TlsFiles{.certificate = files.certificate, .key = files.key});
  TestSite site(options);
  TlsConnection client(RawConnection(site.port(), "127.0.0.1", kSmallBuffer));
  client.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(client.read_to_end(), Contains("200 OK"));
}

TEST_CASE("of what a full socket does not take a session keeps a record at most") {
  const TempDir folder;
  const auto files = make_certificate(folder.path(), "shop.example");
  const http::TlsCertificate certificate({.certificate = files.certificate, .key = files.key});
  const auto listening = http::listen_on("127.0.0.1", 0, 1);
  auto connecting = std::async(std::launch::async, [&] {
    TlsConnection client(
        RawConnection(http::local_address(listening.get()).port, "127.0.0.1", kSmallBuffer));
    client.send("x");
    return client;
  });
  REQUIRE(http::wait_for(listening.get(), POLLIN, Clock::now() + kPatience) ==
          http::IoStatus::kDone);
  const UniqueFd fd(with_small_buffer(::accept(listening.get(), nullptr, nullptr)));
  const auto session = certificate.accept(fd.get());
  const http::Wire wire(fd.get(), session.get());
  char first = '\0';
  while (wire.receive_now(&first, 1) < 0) {
    REQUIRE(wire.wait_to_receive(Clock::now() + kPatience) == http::IoStatus::kDone);
  }
  auto client = connecting.get();

  std::string text(kLongText, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * i % 23);
  const auto taken = wire.send_now(text);
  REQUIRE(taken > 0);
  CHECK(static_cast<std::size_t>(taken) < kLongText / 4);
  auto reading = std::async(std::launch::async, [&] { return client.read_to_end(); });
  const auto rest = std::string_view(text).substr(static_cast<std::size_t>(taken));
  CHECK(http::send_all(wire, rest, Clock::now() + kPatience) == http::IoStatus::kDone);
  // The end is told as far as there is room for it.
  CHECK(http::wait_for(fd.get(), POLLOUT, Clock::now() + kPatience) == http::IoStatus::kDone);
  wire.end_sending();
  CHECK((reading.get() == text));
  CHECK(client.ended_properly());
}

TEST_CASE("who finds no room is told so through TLS") {
  http::ServerOptions options;
  options.max_connections = 1;
  options.refusal_timeout = kPatience;  // a handshake takes its time on a slow machine
  TestSite site(with_tls(options));
  TlsConnection inside{RawConnection(site.port())};
  inside.send("GET /stream/hold HTTP/1.1\r\nHost: x\r\n\r\n");
  inside.read_until("data: open");

  const auto refused = tls_fetch(site.port(), "GET", "/echo");
  CHECK(refused.status == 503);
  CHECK(nlohmann::json::parse(refused.body)["code"] == "overloaded");
  const auto stream =
      tls_fetch(site.port(), "GET", "/stream/three", {{"Accept", "text/event-stream"}});
  CHECK(stream.status == 200);
  CHECK_THAT(stream.body, Contains("retry: "));
  CHECK(tls_fetch(site.port(), "GET", "/alive").body == "alive");
}

}  // namespace ordercast::testing
