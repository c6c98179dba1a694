#include "http/accept.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast::http {
namespace {

int ndjson(std::string_view accept) {
  return acceptance(accept, "application/x-ndjson");
}

TEST_CASE("A type is wanted by its name, its family or anything, in any case", "[accept]") {
  CHECK(ndjson("application/x-ndjson") == 1000);
  CHECK(ndjson("Application/X-NDJSON") == 1000);
  CHECK(ndjson("application/*") == 1000);
  CHECK(ndjson("*/*") == 1000);
  CHECK(ndjson("text/html, application/x-ndjson") == 1000);
}

TEST_CASE("What is not named is not wanted", "[accept]") {
  for (const auto* accept : {"", ",", ";", "text/*", "text/event-stream", "application/x-ndjson2",
                             "application", "application/", "app/*", "application/x-nd*", "*"}) {
    INFO(accept);
    CHECK(ndjson(accept) == 0);
  }
}

TEST_CASE("The weight is that of q, 1 without", "[accept]") {
  CHECK(ndjson("application/x-ndjson;q=0.25") == 250);
  CHECK(ndjson("application/x-ndjson ; Q=0.001") == 1);
  CHECK(ndjson("application/x-ndjson;charset=utf-8;q=0.5") == 500);
  CHECK(ndjson("application/x-ndjson;charset=utf-8") == 1000);
  CHECK(ndjson("application/x-ndjson;q=0") == 0);
  CHECK(ndjson("application/x-ndjson;q=1.000") == 1000);
}

TEST_CASE("A weight that is none makes its range count for nothing", "[accept]") {
  for (const auto* weight : {"", "x", "-1", "2", "1.1", "0.5x", "nan", "inf", "1e9"}) {
    INFO(weight);
    CHECK(ndjson(std::string("application/x-ndjson;q=") + weight) == 0);
  }
}

TEST_CASE("The most specific range counts, wherever it stands", "[accept]") {
  CHECK(ndjson("*/*;q=0.1, application/*;q=0.2, application/x-ndjson;q=0.3") == 300);
  CHECK(ndjson("application/x-ndjson;q=0.3, application/*;q=0.2, */*") == 300);
  CHECK(ndjson("application/x-ndjson;q=0, */*") == 0);
  CHECK(ndjson("application/*;q=0, */*") == 0);
}

TEST_CASE("White space and empty members of the list are passed over", "[accept]") {
  CHECK(ndjson(" ,\t, application/x-ndjson \t; \t q=0.5 , ,") == 500);
}

}  // namespace
}  // namespace ordercast::http
