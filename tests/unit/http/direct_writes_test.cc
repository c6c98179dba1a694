// The fan-out and a connection's thread share a socket: no byte of one comes into the other's, none
// is sent twice, none is left out, wherever the socket stops to take more.
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "http/stream_handler.h"
#include "support/eventually.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"
#include "support/random_writers.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"
#include "support/tls_connection.h"

namespace ordercast::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kClients = 8;
constexpr int kTransactions = 300;
// Some events long: most sends are short ones.
constexpr int kBufferBytes = 2048;

// Accepts connections whose sockets take little at once.
int accept_with_small_buffer(int listening_fd) {
  const int fd = ::accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  return fd;
}

ssize_t receive(RawConnection& connection, char* buffer, std::size_t size) {
  return ::recv(connection.fd(), buffer, size, 0);
}
ssize_t receive(TlsConnection& connection, char* buffer, std::size_t size) {
  return connection.receive(buffer, size);
}

// Reads its stream in pieces of random size, and does nothing at times.
template <typename Connection>
class Reader {
 public:
  Reader(std::uint16_t port, std::uint64_t seed)
      : connection_(RawConnection(port, "127.0.0.1", kBufferBytes)), random_(seed) {
    connection_.send("GET /v1/streams/orders HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto greeting = connection_.read_until("event: hello");
    take(std::string_view(greeting).substr(greeting.find("\r\n\r\n") + 4));
  }

  // To the end of the stream. Must not use Catch's macros: it has a thread of its own.
  void read() {
    std::string buffer(64 * 1024, '\0');
    for (;;) {
      const auto size = std::size_t{1} << std::uniform_int_distribution<int>(0, 16)(random_);
      const ssize_t got = receive(connection_, buffer.data(), std::min(size, buffer.size()));
      if (got <= 0) return;
      take(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
      // So that the server meets a full socket at any of its steps; nothing waits for it.
      if (random_() % 16 == 0) std::this_thread::sleep_for(1ms);
    }
  }

  // Of the events so far; from any thread.
  [[nodiscard]] std::size_t count() const { return count_; }
  // Once it has ended:
  [[nodiscard]] const std::vector<std::int64_t>& seqs() const { return seqs_; }
  [[nodiscard]] bool ended_properly() const { return chunks_.ended() && chunks_.rest().empty(); }

 private:
  void take(std::string_view bytes) {
    decoder_.feed(chunks_.feed(bytes));
    while (const auto event = decoder_.next()) {
      if (event->type == "hello") continue;
      seqs_.push_back(std::stoll(event->data.substr(event->data.rfind(':') + 1)));
      ++count_;
    }
  }

  Connection connection_;
  std::mt19937_64 random_;
  ChunkDecoder chunks_;
  SseDecoder decoder_;
  std::vector<std::int64_t> seqs_;
  std::atomic<std::size_t> count_ = 0;
};

template <typename Connection>
void check_all_bytes(http::ServerOptions options) {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  // Heartbeats come in between; a small backlog sends some clients to the history.
  HubFixture fixture(20, {.backlog_bytes = 64 * 1024, .heartbeat = 8ms});
  options.accept = accept_with_small_buffer;
  http::Server server(options);
  http::add_stream_routes(server, fixture.hub, {});
  server.start("127.0.0.1", 0);

  std::vector<std::unique_ptr<Reader<Connection>>> readers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    auto& reader = *readers.emplace_back(
        std::make_unique<Reader<Connection>>(server.port(), seed + static_cast<std::uint64_t>(i)));
    threads.emplace_back([&reader] { reader.read(); });
  }
  std::mt19937_64 random(seed);
  // From all to none have caught up when the next changes come, so that both hand-overs happen
  // often.
  const auto some_caught_up = [&] {
    const auto wanted = random() % (kClients + 1);
    return eventually([&] { return fixture.hub.status().caught_up >= wanted; });
  };
  bool all_came_back = true;
  for (int i = 0; i < kTransactions; ++i) {
    all_came_back = some_caught_up() && all_came_back;
    const auto tx = fixture.log.begin();
    for (int id = static_cast<int>(random() % 40); id >= 0; --id) fixture.log.put(tx, "orders", id);
    fixture.log.commit(tx);
    while (!(fixture.at == fixture.log.position())) fixture.publish_page();
  }
  std::vector<std::int64_t> expected;
  for (const auto* change : fixture.log.committed()) expected.push_back(change->seq);
  const bool all_came = eventually([&] {
    return std::all_of(readers.begin(), readers.end(),
                       [&](const auto& reader) { return reader->count() >= expected.size(); });
  });
  const auto counters = fixture.hub.status().fan_out;
  fixture.hub.close();
  for (auto& thread : threads) thread.join();
  CHECK(server.stop());

  CHECK(all_came_back);
  CHECK(all_came);
  CHECK(counters.short_sends > 10 * kClients);  // it was about these
  CHECK(counters.sends > counters.short_sends);
  for (const auto& reader : readers) {
    const auto& seqs = reader->seqs();
    const auto end =
        std::mismatch(seqs.begin(), seqs.end(), expected.begin(), expected.end()).first;
    INFO("as committed up to event " << end - seqs.begin() << " of " << seqs.size());
    CHECK(reader->ended_properly());
    CHECK((seqs == expected));  // in parentheses: Catch would print them all
  }
}

TEST_CASE("No byte of a stream is torn, lost or doubled, wherever its socket is full") {
  check_all_bytes<RawConnection>({});
}

TEST_CASE("Nor does TLS tear, lose or double one") {
  const TempDir folder;
  const auto files = make_certificate(folder.path(), "localhost");
  http::ServerOptions options;
  options.tls = std::make_shared<http::TlsCertificate>(
      http::TlsFiles{.certificate = files.certificate, .key = files.key});
  check_all_bytes<TlsConnection>(options);
}

}  // namespace
}  // namespace ordercast::testing
