#include "rig/systems.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include "rig/cpu_clock.h"
#include "rig/payload.h"
#include "rig/supervise.h"
#include "rig/tcp.h"
#include "support/nginx.h"

namespace ordercast::bench {
namespace {

using load::now_ns;
using load::Stamp;

// Events as lines on a socket: bare_server and hub_server.
class LineSystem : public System {
 public:
  // `program`: with its arguments.
  LineSystem(std::vector<std::string> program, std::string target,
             std::string (*line)(const Stamp&))
      : server_(std::move(program)),
        target_(std::move(target)),
        line_(line),
        publisher_(connect_to(server_.publish_port())) {}

  [[nodiscard]] load::CrowdOptions crowd(std::size_t connections) const override {
    return {.port = server_.port(), .target = target_, .connections = connections};
  }
  void publish(std::uint64_t seq) override {
    send_all(publisher_.get(), line_({seq, now_ns()}) + '\n');
  }
  Burst prepare_burst(std::uint64_t first, std::uint64_t last) override {
    std::string lines;
    for (auto seq = first; seq <= last; ++seq) lines += line_({seq, now_ns()}) + '\n';
    return [this, lines = std::move(lines)] { send_all(publisher_.get(), lines); };
  }
  [[nodiscard]] pid_t pid() const override { return server_.pid(); }
  [[nodiscard]] std::int64_t cpu_ns() const override { return bench::cpu_ns(server_.pid()); }

 private:
  ServerProcess server_;
  std::string target_;
  std::string (*line_)(const Stamp&);
  UniqueFd publisher_;
};

// Events as POST requests over one connection that stays open, many without waiting for an answer.
class PostPublisher {
 public:
  PostPublisher(std::uint16_t port, std::string target)
      : target_(std::move(target)), fd_(connect_to(port)) {}

  // Returns when each is answered. Throws when one is refused.
  void post(const std::string& requests, std::size_t count) {
    std::string_view unsent = requests;
    std::string answers;
    std::size_t answered = 0;
    std::array<char, 65536> chunk;
    while (answered < count) {
      pollfd ready{fd_.get(), static_cast<short>(unsent.empty() ? POLLIN : POLLIN | POLLOUT), 0};
      ::poll(&ready, 1, -1);
      if ((ready.revents & POLLOUT) != 0) {
        const auto sent =
            ::send(fd_.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) unsent.remove_prefix(static_cast<std::size_t>(sent));
      }
      const auto got = ::recv(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) {
        throw std::runtime_error("the server closed the publisher's connection");
      }
      if (got > 0) {
        answers.append(chunk.data(), static_cast<std::size_t>(got));
        answered += take_answers(answers);
      }
    }
  }

  [[nodiscard]] std::string request(const std::string& body) const {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        target_, body.size(), body);
  }

 private:
  // A status line is looked for, and not the ends of bodies: no body has "HTTP/1.1 " in it.
  static std::size_t take_answers(std::string& text) {
    constexpr std::string_view kStatus = "HTTP/1.1 ";
    constexpr std::string_view kGood = "HTTP/1.1 20x";
    std::size_t count = 0;
    std::size_t done = 0;
    for (std::size_t at;
         (at = text.find(kStatus, done)) != text.npos && text.size() >= at + kGood.size();) {
      if (text.compare(at, kGood.size() - 1, kGood.substr(0, kGood.size() - 1)) != 0) {
        throw std::runtime_error("an event was refused: " + text.substr(at, 200));
      }
      ++count;
      done = at + kGood.size();
    }
    // What is left may be the beginning of the next status line.
    done = std::max(done, text.size() - std::min(text.size(), kGood.size()));
    text.erase(0, done);
    return count;
  }

  std::string target_;
  UniqueFd fd_;
};

// A server that is published to by POST.
class PostSystem : public System {
 public:
  PostSystem(std::vector<std::string> argv, std::uint16_t port, std::string publish_target,
             std::string subscribe_target)
      : server_(std::move(argv), port),
        publisher_(server_.publish_port() != 0 ? server_.publish_port() : server_.port(),
                   std::move(publish_target)),
        target_(std::move(subscribe_target)) {}

  [[nodiscard]] load::CrowdOptions crowd(std::size_t connections) const override {
    return {.port = server_.port(), .target = target_, .connections = connections};
  }
  void publish(std::uint64_t seq) override {
    publisher_.post(publisher_.request(event_data({seq, now_ns()})), 1);
  }
  Burst prepare_burst(std::uint64_t first, std::uint64_t last) override {
    std::string requests;
    for (auto seq = first; seq <= last; ++seq) {
      requests += publisher_.request(event_data({seq, now_ns()}));
    }
    return [this, count = last - first + 1, requests = std::move(requests)] {
      publisher_.post(requests, count);
    };
  }
  [[nodiscard]] pid_t pid() const override { return server_.pid(); }
  [[nodiscard]] std::int64_t cpu_ns() const override { return tree_cpu_ns(server_.pid()); }

 private:
  ServerProcess server_;
  PostPublisher publisher_;
  std::string target_;
};

// nginx writes its configuration's folder full of temporary ones.
class Nchan : public System {
 public:
  Nchan() : port_(testing::free_port()), nginx_(command(), port_, "/publish", "/subscribe") {}

  [[nodiscard]] load::CrowdOptions crowd(std::size_t connections) const override {
    return nginx_.crowd(connections);
  }
  void publish(std::uint64_t seq) override { nginx_.publish(seq); }
  Burst prepare_burst(std::uint64_t first, std::uint64_t last) override {
    return nginx_.prepare_burst(first, last);
  }
  [[nodiscard]] pid_t pid() const override { return nginx_.pid(); }
  [[nodiscard]] std::int64_t cpu_ns() const override { return nginx_.cpu_ns(); }

 private:
  // One worker, as all systems here have one core; limits out of the way.
  std::vector<std::string> command() const {
    return testing::nginx_command(
        dir_.path(), port_,
        {.main = R"(load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
worker_rlimit_nofile 20000;)",
         .connections = 19'000,
         .http = R"(keepalive_requests 100000000;
  tcp_nodelay on;
  nchan_shared_memory_size 512M;)",
         .listen = "backlog=4096",
         .server = R"(location = /publish {
      nchan_publisher http;
      nchan_channel_id orders;
      nchan_message_buffer_length 50000;
      nchan_message_timeout 1h;
    }
    location = /subscribe {
      nchan_subscriber eventsource;
      nchan_channel_id orders;
      nchan_subscriber_first_message newest;
    })"});
  }

  testing::TempDir dir_{scratch()};
  std::uint16_t port_;
  PostSystem nginx_;
};

// A server that reads a table; the publisher is a session of PostgreSQL.
class TableSystem : public System {
 public:
  enum class Commit { kEach, kAllAtOnce };

  TableSystem(BenchDatabase& database, std::string table, std::vector<std::string> argv,
              std::string target, Commit commit = Commit::kEach)
      : database_(database),
        server_(std::move(argv)),
        target_(std::move(target)),
        commit_(commit),
        table_(std::move(table)),
        session_(database.connect()) {
    session_->prepare("insert",
                      fmt::format("INSERT INTO public.{} (id, note) VALUES ($1, $2)", table_));
    pqxx::nontransaction(*session_).exec("TRUNCATE public." + table_);
  }

  [[nodiscard]] load::CrowdOptions crowd(std::size_t connections) const override {
    return {.port = server_.port(), .target = target_, .connections = connections};
  }
  void publish(std::uint64_t seq) override {
    const Stamp stamp{seq, now_ns()};
    pqxx::nontransaction(*session_).exec_prepared("insert", seq, note(stamp));
  }
  Burst prepare_burst(std::uint64_t first, std::uint64_t last) override {
    if (commit_ == Commit::kEach) {
      return [this, first, last] {
        for (auto seq = first; seq <= last; ++seq) publish(seq);
      };
    }
    auto transaction = std::make_shared<pqxx::work>(*session_);
    for (auto seq = first; seq <= last; ++seq) {
      transaction->exec_prepared("insert", seq, note({seq, now_ns()}));
    }
    return [transaction] { transaction->commit(); };
  }
  [[nodiscard]] pid_t pid() const override { return server_.pid(); }
  [[nodiscard]] std::int64_t cpu_ns() const override { return bench::cpu_ns(server_.pid()); }
  [[nodiscard]] std::int64_t database_cpu_ns() const override {
    return tree_cpu_ns(database_.postmaster());
  }

 private:
  BenchDatabase& database_;
  ServerProcess server_;
  std::string target_;
  Commit commit_;
  std::string table_;
  std::unique_ptr<pqxx::connection> session_;
};

std::unique_ptr<System> start_ordercast(BenchDatabase& database, TableSystem::Commit commit) {
  return std::make_unique<TableSystem>(database, "orders", ordercast_command(database),
                                       "/v1/streams/orders", commit);
}

std::vector<std::string> node(std::string_view script) {
  const auto path = std::filesystem::path("bench/peers") / script;
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error("there is no " + path.string() +
                             ": run it from the repository's root");
  }
  return {system_program("node"), path};
}

std::unique_ptr<System> start_node_pg(BenchDatabase& database) {
  database.set_environment();
  auto argv = node("listen_notify.mjs");
  argv.emplace_back(BenchDatabase::kChannel);
  return std::make_unique<TableSystem>(database, "notified", std::move(argv), "/");
}

std::unique_ptr<System> start_bare(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), built_program("bench/bare_server"));
  return std::make_unique<LineSystem>(std::move(arguments), "/", event_data);
}

std::unique_ptr<System> start_hub() {
  return std::make_unique<LineSystem>(std::vector{built_program("bench/hub_server")},
                                      "/v1/streams/orders", row_json);
}

}  // namespace

std::vector<std::string> ordercast_command(const BenchDatabase& database) {
  return {built_program("ordercast"), "serve",    "--database",
          database.conninfo(),        "--listen", "127.0.0.1:0",
          "--heartbeat-ms",           "60000"};
}

const std::vector<SystemKind>& system_kinds() {
  using Commit = TableSystem::Commit;
  constexpr bool kOnlyWhenNamed = true;
  static const std::vector<SystemKind> kinds = {
      {"bare", "bare `send()` loop", true, [](auto&) { return start_bare({}); }},
      {"bare-io_uring", "bare loop, io_uring", true,
       [](auto&) { return start_bare({"--io-uring"}); }, kOnlyWhenNamed},
      {"bare-threads", "bare `send()` loop, parked threads", true,
       [](auto&) { return start_bare({"--threads"}); }, kOnlyWhenNamed},
      {"hub", "Ordercast, hub alone", true, [](auto&) { return start_hub(); }},
      {"ordercast", "Ordercast", true,
       [](auto& database) { return start_ordercast(database, Commit::kEach); }},
      {"transaction", "Ordercast, one transaction", false,
       [](auto& database) { return start_ordercast(database, Commit::kAllAtOnce); }},
      {"nchan", "nginx + nchan", true, [](auto&) { return std::make_unique<Nchan>(); }},
      {"better-sse", "Node + better-sse", true,
       [](auto&) {
         return std::make_unique<PostSystem>(node("better_sse.mjs"), 0, "/publish", "/sse");
       }},
      {"node-pg", "Node + pg, NOTIFY", true,
       [](auto& database) { return start_node_pg(database); }},
  };
  return kinds;
}

const SystemKind& system_kind(std::string_view name) {
  for (const auto& kind : system_kinds()) {
    if (kind.name == name) return kind;
  }
  throw std::runtime_error(fmt::format("there is no system '{}'", name));
}

}  // namespace ordercast::bench
