// Ordercast's hub and HTTP server without a database: events come from memory, as those of nchan
// do, so that both are measured alike.
//
// Each line that a publisher writes to the second port is a row of the stream `orders`.
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "core/batch.h"
#include "http/server.h"
#include "http/stream_handler.h"
#include "hub/hub.h"
#include "rig/tcp.h"

namespace {

namespace bench = ordercast::bench;
using namespace ordercast;

constexpr Epoch kEpoch{0x0123456789ab};

// A subscriber that falls behind the hub's backlog finds no database: what it then lacks, the load
// generator counts as lost.
class NoHistory : public HistoryReader {
 public:
  [[nodiscard]] Batch read_after(const Epoch&, const Position&) override { unavailable(); }
  [[nodiscard]] Batch read_earliest(const Epoch&) override { unavailable(); }
  [[nodiscard]] Position read_head(const Epoch&) override { unavailable(); }
  [[nodiscard]] std::optional<Change> find_change(const Epoch&, std::int64_t) override {
    unavailable();
  }
  [[nodiscard]] Position read_rows(const Epoch&, const RowQuery&,
                                   const std::function<bool(std::vector<SnapshotRow>)>&) override {
    unavailable();
  }

 private:
  [[noreturn]] static void unavailable() {
    throw HistoryUnavailable("this server has no database");
  }
};

// A log that only grows: transaction n is change n.
class Publisher {
 public:
  explicit Publisher(hub::Hub& hub) : hub_(hub) {
    auto catalog = std::make_shared<Catalog>();
    (*catalog)["orders"].name = "orders";
    hub_.set_catalog(catalog);
    hub_.set_database_up(true);
    hub_.start(kEpoch, position(), "epoch");
  }

  void publish(std::string row) {
    auto batch = std::make_shared<Batch>();
    batch->from = position();
    ++last_;
    batch->now = position().seen;
    batch->changes.push_back({.seq = static_cast<std::int64_t>(last_),
                              .tx = last_,
                              .stream = "orders",
                              .op = Op::kInsert,
                              .key = fmt::format(R"({{"id":"{}"}})", last_),
                              .old_row = {},
                              .new_row = std::move(row),
                              .at = "2026-11-23T18:22:43.020533Z"});
    hub_.publish(std::move(batch));
  }

 private:
  [[nodiscard]] Position position() const { return {{last_ + 1, last_ + 1, {}}, std::nullopt}; }

  hub::Hub& hub_;
  TransactionId last_ = 1000;
};

void publish_lines(int fd, Publisher& publisher) {
  std::string lines;
  std::array<char, 65536> chunk;
  for (ssize_t got; (got = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0;) {
    lines.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = lines.find('\n', begin)) != lines.npos; begin = end + 1) {
      publisher.publish(lines.substr(begin, end - begin));
    }
    lines.erase(0, begin);
  }
}

}  // namespace

// Ended by SIGINT, as all servers under test; it has nothing to tidy up.
int main() {
  NoHistory history;
  hub::Hub hub(history, {});
  Publisher publisher(hub);
  http::Server server;
  http::add_stream_routes(server, hub, {});
  server.start("127.0.0.1", 0);
  const auto listening = bench::listen_on(0);
  fmt::print("publish at 127.0.0.1:{}\nlistening on {}\n", bench::port_of(listening.get()),
             server.url());
  std::fflush(stdout);
  for (;;) {
    const UniqueFd peer(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer) publish_lines(peer.get(), publisher);
  }
}
