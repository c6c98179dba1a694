// docs/security.md row 10, at its full size: a crowd that sends its requests a byte at a time, and
// never the last one. The same in small, with the details: unit/http/slow_client_test.cc.
#include <poll.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor_limit.h"
#include "base/thread.h"
#include "support/http_client.h"
#include "support/node.h"

namespace ordercast {
namespace {

using namespace testing;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kCrowd = kSanitizerStackFactor > 1 ? 200 : 2'000;
// Of the whole request; the server's own.
constexpr milliseconds kDeadline{5'000};
// Nobody is through before the test gives up, and the crowd leaves the server a processor.
constexpr milliseconds kPerByte{40};

struct SlowClient {
  RawConnection connection;
  Clock::time_point begin;
  std::size_t sent = 0;

  [[nodiscard]] milliseconds age() const {
    return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
  }
};

// Whom the server has ended, answered or reset; waits for the first of them for a while.
std::vector<SlowClient*> ended(const std::vector<SlowClient*>& clients) {
  std::vector<pollfd> entries;
  for (const auto* client : clients) {
    entries.push_back({client->connection.fd(), POLLIN | POLLRDHUP, 0});
  }
  ::poll(entries.data(), entries.size(), static_cast<int>(kPerByte.count() / 4));
  std::vector<SlowClient*> found;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (entries[i].revents != 0) found.push_back(clients[i]);
  }
  return found;
}

}  // namespace

TEST_CASE("Two thousand clients that send byte by byte are cut, and are in nobody's way") {
  REQUIRE(raise_descriptor_limit() > static_cast<std::size_t>(kCrowd) + 100);
  // Its database does not matter.
  ServedNode node({"serve", "--database", "host=127.0.0.1 port=1 connect_timeout=1"});
  const std::string request = "GET /livez HTTP/1.1\r\nHost: x\r\nX: " + std::string(7'000, 'a');

  std::vector<SlowClient> crowd;
  crowd.reserve(kCrowd);
  for (int i = 0; i < kCrowd; ++i) {
    const auto begin = Clock::now();
    crowd.push_back({RawConnection(node.port()), begin});
  }

  std::vector<milliseconds> answered_in;
  std::jthread visitor([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      const auto begin = Clock::now();
      if (fetch(node.port(), "GET", "/livez").status != 200) break;
      answered_in.push_back(std::chrono::duration_cast<milliseconds>(Clock::now() - begin));
    }
  });

  milliseconds shortest = milliseconds::max();
  std::vector<SlowClient*> open;
  for (auto& client : crowd) open.push_back(&client);
  while (!open.empty() && crowd.back().age() < kPatience) {
    auto cut = ended(open);
    for (auto* client : open) {
      if (client->age() < kPerByte * client->sent) continue;
      if (!client->connection.send(std::string_view(request).substr(client->sent++, 1))) {
        cut.push_back(client);
      }
    }
    for (const auto* client : cut) {
      shortest = std::min(shortest, client->age());
      std::erase(open, client);
    }
  }
  visitor.request_stop();
  visitor.join();

  // A tenth of a second after the deadline on a quiet machine; without one for the whole, never.
  CHECK(open.empty());
  CHECK(shortest > kDeadline - milliseconds(500));
  // Were the visitor held up by the crowd, he would be each time, and for seconds: he would come
  // once or twice. That the machine stands still for a while does not matter.
  REQUIRE(answered_in.size() > 10);
  std::sort(answered_in.begin(), answered_in.end());
  CHECK(answered_in[answered_in.size() / 2] < milliseconds(500) * kSlowness);
}

}  // namespace ordercast
