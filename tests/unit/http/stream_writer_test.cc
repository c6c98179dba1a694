#include "http/stream_writer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "support/eventually.h"

namespace ordercast::http {
namespace {

using Framing = StreamWriter::Framing;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kLong{30'000};

struct TcpPair {
  UniqueFd server;
  UniqueFd client;
};

// Connected sockets on loopback with buffers of about that size.
TcpPair tcp_pair(int buffer_bytes) {
  UniqueFd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listening.get(), generic, length) == 0);
  REQUIRE(::listen(listening.get(), 1) == 0);
  REQUIRE(::getsockname(listening.get(), generic, &length) == 0);
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
  REQUIRE(::connect(client.get(), generic, length) == 0);
  UniqueFd server(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(server);
  ::setsockopt(server.get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
  return {std::move(server), std::move(client)};
}

// All that was sent. Not every write need have arrived at once, so the end is read, too.
std::string received(const TcpPair& pair) {
  ::shutdown(pair.server.get(), SHUT_WR);
  std::string all;
  std::array<char, 4096> buffer;
  for (ssize_t got; (got = ::recv(pair.client.get(), buffer.data(), buffer.size(), 0)) > 0;) {
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace

TEST_CASE("each write to HTTP/1.1 is one chunk, and an empty one is none") {
  const auto pair = tcp_pair(65536);
  StreamWriter writer(pair.server.get(), Framing::kChunked, kLong, std::nullopt);
  CHECK(writer.write("data: 1\n\n"));
  CHECK(writer.write(""));
  CHECK(writer.write(std::string(26, 'x')));
  CHECK(writer.finish());
  CHECK(received(pair) == "9\r\ndata: 1\n\n\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

TEST_CASE("a stream to HTTP/1.0 has no framing") {
  const auto pair = tcp_pair(65536);
  StreamWriter writer(pair.server.get(), Framing::kUntilClose, kLong, std::nullopt);
  CHECK(writer.write("data: 1\n\n"));
  CHECK(writer.finish());
  CHECK(received(pair) == "data: 1\n\n");
}

TEST_CASE("a finished stream takes no more") {
  const auto pair = tcp_pair(65536);
  StreamWriter writer(pair.server.get(), Framing::kChunked, kLong, std::nullopt);
  CHECK(writer.finish());
  CHECK_FALSE(writer.finish());
  CHECK_FALSE(writer.write("data: 1\n\n"));
  CHECK(received(pair) == "0\r\n\r\n");
}

TEST_CASE("a peer that has hung up is noticed without a write") {
  auto pair = tcp_pair(65536);
  const StreamWriter writer(pair.server.get(), Framing::kChunked, kLong, std::nullopt);
  CHECK_FALSE(writer.peer_closed());
  // Unread bytes in front of the end must not hide it.
  ::send(pair.client.get(), "junk", 4, MSG_NOSIGNAL);
  CHECK_FALSE(writer.peer_closed());
  pair.client.reset();
  CHECK(testing::eventually([&] { return writer.peer_closed(); }));
}

TEST_CASE("writes to a peer that has hung up end, without a signal") {
  auto pair = tcp_pair(65536);
  StreamWriter writer(pair.server.get(), Framing::kChunked, kLong, std::nullopt);
  pair.client.reset();
  const std::string block(65536, 'x');
  const auto start = Clock::now();
  while (writer.write(block)) {
  }
  CHECK_FALSE(writer.stalled());
  CHECK_FALSE(writer.write("more"));
  CHECK_FALSE(writer.finish());
  CHECK(Clock::now() - start < kLong);
}

TEST_CASE("a peer that takes nothing is given up after the stall timeout") {
  const auto pair = tcp_pair(65536);
  constexpr milliseconds kStall{100};
  StreamWriter writer(pair.server.get(), Framing::kChunked, kStall, std::nullopt);
  const std::string block(65536, 'x');
  auto last_start = Clock::now();
  while (writer.write(block)) last_start = Clock::now();
  CHECK(writer.stalled());
  CHECK(Clock::now() - last_start >= kStall);
  CHECK_FALSE(writer.write("more"));
}

TEST_CASE("a peer that reads slowly is not given up, though its socket stays full for longer") {
  // A full TCP buffer is writable again only when a third has drained, one of these when three
  // quarters have: waiting for that alone would look like a stall. The peer takes a piece dozens of
  // times meanwhile, so that it may well be late with some.
  constexpr milliseconds kStall{4'000};
  constexpr int kBufferBytes = 64 * 1024;
  const std::string piece(1024, 'x');
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const UniqueFd server(ends[0]);
  const UniqueFd client(ends[1]);
  ::setsockopt(server.get(), SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  std::size_t sent = 0;
  int pieces = 0;
  for (ssize_t taken; (taken = ::send(server.get(), piece.data(), piece.size(), MSG_DONTWAIT)) > 0;
       ++pieces) {
    sent += static_cast<std::size_t>(taken);
  }

  std::atomic<bool> slow = true;
  std::size_t read = 0;
  std::thread reader([&] {
    std::string buffer(piece.size(), '\0');
    for (;;) {
      const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      read += static_cast<std::size_t>(got);
      if (slow) std::this_thread::sleep_for(2 * kStall / pieces);  // the slowness under test
    }
  });
  StreamWriter writer(server.get(), Framing::kUntilClose, kStall, std::nullopt);
  bool written = true;
  Clock::duration full_for{};
  // The first may find the room of a piece that has been read meanwhile.
  for (int i = 0; i < pieces && written && full_for <= kStall; ++i) {
    const auto start = Clock::now();
    written = writer.write(piece);
    full_for = Clock::now() - start;
    sent += piece.size();
  }
  slow = false;
  ::shutdown(server.get(), SHUT_WR);
  reader.join();
  CHECK(written);
  CHECK(full_for > kStall);
  CHECK(read == sent);
}

}  // namespace ordercast::http
