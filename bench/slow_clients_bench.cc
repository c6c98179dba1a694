// Slow clients: what do readers that hardly read cost the others, and do they miss anything?
// `./dev bench slow_clients`; bench/README.md says what the figures mean.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/unique_fd.h"
#include "core/sse_parser.h"
#include "load/body_decoder.h"
#include "load/sequence_check.h"
#include "load/stamp.h"
#include "rig/bench_database.h"
#include "rig/cores.h"
#include "rig/machine.h"
#include "rig/memory.h"
#include "rig/payload.h"
#include "rig/program.h"
#include "rig/progress.h"
#include "rig/table.h"
#include "rig/table_trial.h"
#include "rig/tcp.h"

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;
using load::LoadError;
using load::now_ns;
using load::Stamp;

constexpr auto kConnectLimit = 60s;
constexpr auto kResumeLimit = 30s;
// Until freed memory and the last threads have settled.
constexpr auto kSettle = 1s;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kSampleNs = 2 * kSecondNs;
constexpr double kCommits = 20;  // a second
// Every 20th row, one a second: a slow one's buffers are full within some seconds.
constexpr std::uint64_t kLargeEvery = 20;
constexpr std::size_t kLargeBytes = 20'000;
constexpr std::uint64_t kWarmUpCommits = 20;
constexpr const char* kTarget = "/v1/streams/orders";

struct Options {
  int rounds = 3;
  int seconds = 18;  // of a phase
  std::size_t slow = 100;
  std::size_t subscribers = 1'000;
};

// Clients that take the beginning of their stream as any other, and then one byte a second, until
// they are told to catch up.
class SlowReaders {
 public:
  // Returns when each has its `hello`, whose id is where it resumes. `first`: what each must see
  // first.
  SlowReaders(std::uint16_t port, std::size_t count, std::uint64_t first)
      : port_(port), readers_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto& reader = readers_[i];
      reader.check = load::SequenceCheck(first);
      open(reader);
      reader.due_ns = now_ns() + kSecondNs * static_cast<std::int64_t>(i % 10) / 10;
    }
    read_until([](const Reader& reader) { return !reader.events.last_event_id().empty(); },
               kConnectLimit, "have their hello");
    closed_ = 0;
  }

  // A byte for each that is due.
  void trickle() {
    const auto now = now_ns();
    for (auto& reader : readers_) {
      if (!reader.fd || now < reader.due_ns) continue;
      reader.due_ns += kSecondNs;
      if (!read(reader, 1)) lose(reader);
    }
  }

  // Reads as fast as it comes, over a new connection where the server has closed the old one, until
  // each has event `last`.
  void catch_up(std::uint64_t last) {
    read_until([last](const Reader& reader) { return reader.check.next() > last; }, kResumeLimit,
               "have caught up");
  }

  // Connections that the server has closed.
  [[nodiscard]] std::size_t closed() const { return closed_; }
  [[nodiscard]] load::Faults faults(std::uint64_t last) const {
    load::Faults all;
    for (const auto& reader : readers_) all += reader.check.faults(last);
    return all;
  }

 private:
  struct Reader {
    UniqueFd fd;
    load::BodyDecoder body;
    SseParser events;
    load::SequenceCheck check;
    std::int64_t due_ns = 0;
  };

  void open(Reader& reader) {
    reader.fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!reader.fd) throw std::system_error(errno, std::generic_category(), "socket");
    // The kernel makes 2,304 of it. The segments are an Ethernet's: loopback's own make it give the
    // server's end megabytes.
    const int receive_bytes = 1;
    const int segment_bytes = 1'460;
    ::setsockopt(reader.fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    ::setsockopt(reader.fd.get(), IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(reader.fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
    const auto& id = reader.events.last_event_id();
    send_all(
        reader.fd.get(),
        fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{}\r\n",
                    kTarget, id.empty() ? "" : fmt::format("Last-Event-ID: {}\r\n", id)));
    reader.body = {};
    reader.events.restart();
  }

  void lose(Reader& reader) {
    reader.fd.reset();
    ++closed_;
  }

  // Up to `most` bytes of what is there. False when the server has closed.
  bool read(Reader& reader, std::size_t most) {
    std::array<char, 65536> buffer;
    const ssize_t got =
        ::recv(reader.fd.get(), buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    std::string answer;
    const auto state = reader.body.feed(
        {buffer.data(), static_cast<std::size_t>(got)}, [&](std::string_view part) {
          if (reader.body.status() != 200) answer += part;
          return reader.events.feed(part, [&](const SseMessage& event) {
            if (event.type == "reset") throw LoadError("a slow client was told to reset");
            if (const auto stamp = load::Stamp::find(event.data)) reader.check.take(stamp->seq);
          });
        });
    if (state == load::BodyDecoder::State::kBroken) throw LoadError(reader.body.problem());
    if (reader.body.status() != 0 && reader.body.status() != 200) {
      throw LoadError(
          fmt::format("a slow client was refused: status {} {}", reader.body.status(), answer));
    }
    return state != load::BodyDecoder::State::kEnd;
  }

  template <typename Done>
  void read_until(Done done, std::chrono::seconds patience, std::string_view what) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
      std::vector<Reader*> behind;
      std::vector<pollfd> interests;
      for (auto& reader : readers_) {
        if (done(reader)) continue;
        if (!reader.fd) open(reader);
        behind.push_back(&reader);
        interests.push_back({reader.fd.get(), POLLIN, 0});
      }
      if (behind.empty()) return;
      if (std::chrono::steady_clock::now() > deadline) {
        throw LoadError(fmt::format("{} of {} slow clients do not {} after {} s", behind.size(),
                                    readers_.size(), what, patience.count()));
      }
      ::poll(interests.data(), interests.size(), 100);
      for (std::size_t i = 0; i < behind.size(); ++i) {
        if (interests[i].revents != 0 && !read(*behind[i], SIZE_MAX)) lose(*behind[i]);
      }
    }
  }

  std::uint16_t port_;
  std::vector<Reader> readers_;
  std::size_t closed_ = 0;
};

struct Figures {
  load::Latency latency;
  double memory_begin_mb = 0;
  double memory_most_mb = 0;
  double memory_end_mb = 0;
  std::size_t closed = 0;
  bool complete = false;
  load::Faults good;
  load::Faults slow;
};

class Bench {
 public:
  Bench(BenchDatabase& database, const Options& options)
      : options_(options),
        session_(database.connect()),
        trial_(database),
        crowd_options_(
            trial_.crowd(options.subscribers, [](std::size_t) { return std::string(kTarget); })),
        crowd_(crowd_options_) {
    session_->prepare("insert", "INSERT INTO public.orders (id, note) VALUES ($1, $2)");
    // Else memory would grow while it fills.
    fill_backlog(*session_);
    crowd_.connect(kConnectLimit);
    publish(kWarmUpCommits, [] {});
  }

  Figures measure(std::size_t slow) {
    crowd_.run_until([] { return false; }, kSettle);
    Figures figures;
    figures.memory_begin_mb = memory_mb();
    figures.memory_most_mb = figures.memory_begin_mb;
    SlowReaders readers(crowd_options_.port, slow, next_);
    auto sample_ns = now_ns() + kSampleNs;
    figures.complete = publish(static_cast<std::uint64_t>(options_.seconds * kCommits), [&] {
      readers.trickle();
      if (now_ns() < sample_ns) return;
      sample_ns += kSampleNs;
      figures.memory_most_mb = std::max(figures.memory_most_mb, memory_mb());
    });
    figures.memory_end_mb = memory_mb();
    figures.memory_most_mb = std::max(figures.memory_most_mb, figures.memory_end_mb);
    figures.latency = crowd_.deliveries().latency();
    figures.good = crowd_.faults();
    readers.catch_up(next_ - 1);
    figures.closed = readers.closed();
    figures.slow = readers.faults(next_ - 1);
    return figures;
  }

 private:
  // So many more; whether every subscriber has all.
  bool publish(std::uint64_t events, const std::function<void()>& idle) {
    const auto first = next_;
    next_ += events;
    crowd_.begin(first, next_ - 1);
    run_paced(
        crowd_, events, kCommits,
        [&](std::uint64_t step) {
          const Stamp stamp{first + step, now_ns()};
          auto text = note(stamp);
          if (step % kLargeEvery == 0) text.resize(kLargeBytes, '.');
          pqxx::nontransaction(*session_).exec_prepared("insert", stamp.seq, text);
        },
        std::chrono::seconds(static_cast<int>(static_cast<double>(events) / kCommits) + 15), idle);
    return crowd_.complete();
  }

  [[nodiscard]] double memory_mb() const {
    return static_cast<double>(tree_memory(trial_.pid())) / 1e6;
  }

  const Options& options_;
  std::unique_ptr<pqxx::connection> session_;
  TableTrial trial_;
  load::CrowdOptions crowd_options_;
  load::Crowd crowd_;
  std::uint64_t next_ = 1;
};

double median_of(const std::vector<Figures>& rounds, double load::Latency::*value) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const auto& round : rounds) values.push_back(round.latency.*value);
  return median(std::move(values));
}

// The crowd asks for its own connections only.
void allow_all_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
  pin_thread(Core::kLoad);
  allow_all_descriptors();
  BenchDatabase database;
  Bench bench(database, options);
  Table table({"round, phase", "median ms", "p99 ms", "memory MB at the beginning", "most",
               "at the end", "slow ones closed", "lost, good", "lost, slow"});
  std::vector<Figures> alone;
  std::vector<Figures> beside;
  bool good = true;
  for (int round = 1; round <= options.rounds; ++round) {
    for (const std::size_t slow : {std::size_t{0}, options.slow}) {
      progress(
          fmt::format("slow_clients: round {} of {}, {} slow ones", round, options.rounds, slow));
      const auto figures = bench.measure(slow);
      good = good && figures.complete && figures.good.none() && figures.slow.none();
      table.add({fmt::format("{}, {}", round, slow == 0 ? "without" : "with slow ones"),
                 number(figures.latency.median), number(figures.latency.p99),
                 number(figures.memory_begin_mb), number(figures.memory_most_mb),
                 number(figures.memory_end_mb), slow == 0 ? "" : count(figures.closed),
                 text_of(figures.good, !figures.complete),
                 slow == 0 ? "" : text_of(figures.slow, false)});
      (slow == 0 ? alone : beside).push_back(figures);
    }
  }
  progress_end();
  const auto median_alone = median_of(alone, &load::Latency::median);
  const auto p99_alone = median_of(alone, &load::Latency::p99);
  const auto median_beside = median_of(beside, &load::Latency::median);
  const auto p99_beside = median_of(beside, &load::Latency::p99);
  table.add({"medians, without", number(median_alone), number(p99_alone), "", "", "", "", "", ""});
  table.add({"medians, with slow ones", number(median_beside), number(p99_beside), "", "", "", "",
             "", ""});
  fmt::print(
      "### {} subscribers beside {} that read a byte a second, {:.0f} commits/s; medians of {} "
      "rounds, {} s a phase"
      "\n\n{}\n",
      count(options.subscribers), count(options.slow), kCommits, options.rounds, options.seconds,
      table.text());
  fmt::print("With slow ones to without: median {}, p99 {}.\n\n{}",
             ratio(median_beside, median_alone), ratio(p99_beside, p99_alone),
             machine(database.version()));
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace ordercast::bench

int main(int argc, char** argv) {
  ordercast::bench::Options options;
  CLI::App app("What do readers that hardly read cost the others, and do they miss anything?",
               "slow_clients");
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--seconds", options.seconds, "of a phase; below about 17 none is closed yet")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  app.add_option("--slow", options.slow)->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--subscribers", options.subscribers)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  return ordercast::bench::run_program(app, argc, argv,
                                       [&options] { return ordercast::bench::run(options); });
}
