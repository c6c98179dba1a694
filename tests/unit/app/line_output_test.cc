#include "app/line_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "base/unique_fd.h"

namespace ordercast::app {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

// A signal for this thread alone, which nobody takes by accident.
void signal_this_thread(int number) {
  ::raise(number);
}

}  // namespace

TEST_CASE("all of it is written, and a reader that has gone is known") {
  const Signals signals;
  Pipe pipe;
  LineOutput output(pipe.write.get(), signals);
  CHECK(output.write("one\ntwo\n"));
  std::array<char, 16> read{};
  REQUIRE(::read(pipe.read.get(), read.data(), read.size()) == 8);
  CHECK(std::string(read.data(), 8) == "one\ntwo\n");
  pipe.read.reset();
  CHECK_FALSE(output.write("three\n"));
  CHECK(output.reader_gone());
}

TEST_CASE("a reader that takes nothing does not keep a signal from being heard") {
  const Signals signals;
  Pipe pipe;
  LineOutput output(pipe.write.get(), signals);
  signal_this_thread(SIGTERM);
  // More than any pipe holds.
  CHECK_FALSE(output.write(std::string(std::size_t{4} << 20, 'x')));
  CHECK_FALSE(output.reader_gone());
  CHECK(signals.stop_asked());
}

}  // namespace ordercast::app
