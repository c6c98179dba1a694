// The log never stops who logs: its lines are dropped and counted.
#include "app/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "app/log_formatter.h"
#include "base/unique_fd.h"

namespace ordercast::app {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    REQUIRE(::pipe2(fds.data(), O_CLOEXEC) == 0);
    reader = UniqueFd(fds[0]);
    writer = UniqueFd(fds[1]);
  }
  // What is there now.
  [[nodiscard]] std::string read() const {
    std::string text;
    std::array<char, 65536> buffer;
    for (pollfd entry{reader.get(), POLLIN, 0}; ::poll(&entry, 1, 0) > 0;) {
      const ssize_t got = ::read(reader.get(), buffer.data(), buffer.size());
      if (got <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  UniqueFd reader;
  UniqueFd writer;
};

void log(LogSink& sink, const std::string& text) {
  sink.log({"ordercast", spdlog::level::info, text});
}

std::unique_ptr<LogSink> sink_to(const UniqueFd& fd) {
  auto sink = std::make_unique<LogSink>(fd.get());
  sink->set_formatter(std::make_unique<LogFormatter>(LogFormat::kJson));
  return sink;
}

TEST_CASE("A reader that has stopped stops nobody; what it missed is counted, and told", "[log]") {
  const Pipe pipe;
  const auto sink = sink_to(pipe.writer);
  constexpr int kLines = 2000;  // of 500 bytes: far more than a pipe holds
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kLines; ++i) log(*sink, std::string(400, 'x'));
  // Its patience once, not for each line.
  CHECK(std::chrono::steady_clock::now() - begin < kLines / 10 * LogSink::kPatience);
  const auto dropped = sink->dropped();
  CHECK(dropped > 1000);

  const auto before = pipe.read();
  CHECK(before.back() == '\n');  // none is torn
  log(*sink, "again");
  const auto after = pipe.read();
  CHECK_THAT(after, Catch::Contains(std::to_string(dropped) + " lines of this log") &&
                        Catch::Contains("again"));
  CHECK(sink->dropped() == dropped);
  log(*sink, "once more");
  CHECK_THAT(pipe.read(), !Catch::Contains("lines of this log"));
}

TEST_CASE("A disk that is full costs lines, nothing else", "[log]") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto sink = sink_to(full);
  for (int i = 0; i < 10; ++i) log(*sink, "lost");
  CHECK(sink->dropped() == 10);
}

TEST_CASE("So does a pipe that nobody will ever read", "[log]") {
  std::signal(SIGPIPE, SIG_IGN);  // as `serve` has it
  Pipe pipe;
  const auto sink = sink_to(pipe.writer);
  pipe.reader.reset();
  log(*sink, "lost");
  CHECK(sink->dropped() == 1);
}

}  // namespace
}  // namespace ordercast::app
