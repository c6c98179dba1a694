#include "base/unique_fd.h"

#include <fcntl.h>

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

int open_null() {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST_CASE("A file descriptor is closed when its owner goes", "[unique_fd]") {
  const int fd = open_null();
  {
    const UniqueFd owner(fd);
    CHECK(owner);
    CHECK(owner.get() == fd);
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("A moved file descriptor has one owner", "[unique_fd]") {
  const int fd = open_null();
  UniqueFd from(fd);
  const UniqueFd to(std::move(from));
  CHECK_FALSE(from);
  CHECK(to.get() == fd);
  from.reset();
  CHECK(is_open(fd));
}

TEST_CASE("Assigning a file descriptor closes the one that was held", "[unique_fd]") {
  const int held = open_null();
  UniqueFd owner(held);
  const int next = open_null();
  owner = UniqueFd(next);
  CHECK_FALSE(is_open(held));
  CHECK(owner.get() == next);
  CHECK(is_open(next));

  auto& self = owner;
  owner = std::move(self);
  CHECK(is_open(next));
}

TEST_CASE("An owner of nothing closes nothing", "[unique_fd]") {
  UniqueFd owner;
  CHECK_FALSE(owner);
  owner.reset();
  CHECK(owner.get() == -1);
}

}  // namespace
}  // namespace ordercast
