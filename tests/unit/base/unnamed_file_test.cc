#include "base/unnamed_file.h"

#include <catch2/catch.hpp>
#include <string>
#include <system_error>

namespace ordercast {
namespace {

TEST_CASE("What was appended can be read from anywhere", "[unnamed_file]") {
  UnnamedFile file;
  file.append("hello ");
  file.append("world");
  std::string all(11, '\0');
  file.read_at(0, all);
  CHECK(all == "hello world");
  std::string part(3, '\0');
  file.read_at(6, part);
  CHECK(part == "wor");
}

TEST_CASE("What is not there cannot be read", "[unnamed_file]") {
  UnnamedFile file;
  file.append("x");
  std::string more(2, '\0');
  CHECK_THROWS_AS(file.read_at(0, more), std::system_error);
}

}  // namespace
}  // namespace ordercast
