// One transaction of a hundred thousand rows: everyone gets all of it, and the server does not hold
// it in memory.
#include <fmt/format.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "base/thread.h"
#include "support/http_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kRows = 100'000;
constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGrowthLimit = 64 * kMiB;

// Memory that this process alone holds and has written to.
std::int64_t private_bytes(pid_t process) {
  std::ifstream smaps(fmt::format("/proc/{}/smaps_rollup", process));
  for (std::string word; smaps >> word;) {
    std::int64_t kib = 0;
    if (word == "Private_Dirty:" && smaps >> kib) return kib * 1024;
  }
  throw std::runtime_error("no Private_Dirty in smaps_rollup");
}

// The highest it has been when somebody looked.
class MemoryWatch {
 public:
  explicit MemoryWatch(pid_t process) : process_(process), begin_(private_bytes(process)) {}
  void look() { peak_ = std::max(peak_, private_bytes(process_)); }
  [[nodiscard]] std::int64_t growth() const { return peak_ - begin_; }

 private:
  pid_t process_;
  std::int64_t begin_;
  std::int64_t peak_ = 0;
};

// The number behind `"seq":`, without parsing the rest: there are hundreds of thousands.
std::int64_t seq_of(const SseEvent& event) {
  constexpr std::string_view kName = R"("seq":)";
  const auto place = event.data.rfind(kName);
  std::int64_t seq = 0;
  if (place != event.data.npos) {
    const char* digits = event.data.data() + place + kName.size();
    std::from_chars(digits, event.data.data() + event.data.size(), seq);
  }
  return seq;
}

// Reads a stream and keeps the numbers of its changes, in their order.
class Reader {
 public:
  Reader(std::uint16_t port, const std::string& cursor = {})
      : stream_(port, "/v1/streams/orders",
                cursor.empty() ? std::vector<http::Header>{}
                               : std::vector<http::Header>{{"Last-Event-ID", cursor}}) {
    stream_.next_of_type("hello");
  }

  // The next `count` changes.
  void read(int count) {
    for (; count > 0; --count) {
      const auto event = stream_.next();
      if (!event) throw std::runtime_error("the stream has ended");
      seqs_.push_back(seq_of(*event));
      cursor_ = event->last_event_id;
    }
  }
  [[nodiscard]] const std::vector<std::int64_t>& seqs() const { return seqs_; }
  [[nodiscard]] const std::string& cursor() const { return cursor_; }
  EventStreamClient& stream() { return stream_; }

 private:
  EventStreamClient stream_;
  std::vector<std::int64_t> seqs_;
  std::string cursor_;
};

std::vector<std::int64_t> logged_seqs(OrdersTable& orders) {
  std::vector<std::int64_t> seqs;
  for (const auto& row : orders.exec("SELECT seq FROM ordercast.change_log WHERE stream = 'orders' "
                                     "AND op <> 'c' ORDER BY seq")) {
    seqs.push_back(row[0].as<std::int64_t>());
  }
  return seqs;
}

TEST_CASE("A transaction of 100,000 rows reaches fast and slow clients whole, in bounded memory") {
  OrdersTable orders;
  ServedNode node(orders.database());
  Reader fast(node.port());
  Reader other(node.port());
  Reader slow(node.port());
  orders.exec("INSERT INTO orders (id) VALUES (0)");
  for (auto* reader : {&fast, &other, &slow}) reader->read(1);

  MemoryWatch memory(node.process().pid());
  orders.exec(fmt::format(
      "INSERT INTO orders (id, merchant, total, note) SELECT g, g % 10, g, repeat('n', 100)"
      "  FROM generate_series(1, {}) g",
      kRows));
  // Two keep up; the third reads a tenth of it, so that it falls out of the backlog, but is not
  // taken for dead.
  constexpr int kPart = 1'000;
  std::string middle;
  for (int had = 0; had < kRows; had += kPart) {
    fast.read(kPart);
    other.read(kPart);
    slow.read(kPart / 10);
    if (had + kPart == kRows / 2) middle = fast.cursor();
    memory.look();
  }
  slow.read(kRows - kRows / 10);
  memory.look();

  const auto all = logged_seqs(orders);
  CHECK(all.size() == kRows + 1);
  for (auto* reader : {&fast, &other, &slow}) CHECK((reader->seqs() == all));
  // The sanitizers' own book-keeping grows with every byte that is touched.
  if (kSanitizerStackFactor == 1) CHECK(memory.growth() < kGrowthLimit);

  Reader resumed(node.port(), middle);
  resumed.read(kRows / 2);
  CHECK((resumed.seqs() == std::vector<std::int64_t>(all.end() - kRows / 2, all.end())));
  orders.exec("DELETE FROM orders WHERE id = 1");
  resumed.read(1);
  fast.read(1);
  CHECK(resumed.seqs().back() == fast.seqs().back());
}

}  // namespace
}  // namespace ordercast
