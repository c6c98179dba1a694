#include "pg/conninfo.h"

#include <catch2/catch.hpp>

namespace ordercast::pg {
namespace {

std::string with_a(const char* conninfo) {
  return with_defaults(conninfo, {{"a", "1"}, {"b", "2"}});
}

TEST_CASE("Defaults stand before what the string sets itself") {
  CHECK(with_a("host=h dbname='a b'") == "a=1 b=2 host=h dbname='a b'");
  CHECK(with_a("") == "a=1 b=2 ");
  CHECK(with_a("postgresql://h/db") == "postgresql://h/db?a=1&b=2");
  CHECK(with_a("postgres://h/db?b=9&c=3") == "postgres://h/db?a=1&b=2&b=9&c=3");
  CHECK(with_a("postgresql://h/db?") == "postgresql://h/db?a=1&b=2");
  CHECK(with_a("postgresql:///db?host=/run") == "postgresql:///db?a=1&b=2&host=/run");
}

TEST_CASE("A question mark in a password does not begin the parameters") {
  CHECK(with_a("postgresql://u:p?w@h/db?c=3") == "postgresql://u:p?w@h/db?a=1&b=2&c=3");
  CHECK(with_a("postgresql://u:p?w@h") == "postgresql://u:p?w@h?a=1&b=2");
  CHECK(with_a("postgresql://h/d@b?c=3") == "postgresql://h/d@b?a=1&b=2&c=3");
}

TEST_CASE(
    "Messages of libpq that may quote the string are withheld, those about the network are shown") {
  CHECK(safe_error("connection to server at \"h\" (::1), port 1 failed: refused\n") ==
        "connection to server at \"h\" (::1), port 1 failed: refused");
  CHECK(safe_error("could not translate host name \"h\" to address: unknown") ==
        "could not translate host name \"h\" to address: unknown");
  for (const char* leaky : {"could not translate host name \"ter2@h\" to address: unknown",
                            "missing \"=\" after \"hunter2\" in connection info string",
                            "invalid percent-encoded token: \"hunter2%zz\""}) {
    CHECK_THAT(safe_error(leaky), !Catch::Contains("ter2"));
  }
}

TEST_CASE("A way over a network is safe when the server proves who it is", "[conninfo]") {
  for (const auto* safe :
       {"", "dbname=shop", "host=/run/postgresql", "host=localhost", "host=127.0.0.1 dbname=shop",
        "host=::1", "host=db.example sslmode=verify-full", "postgresql:///shop",
        "postgresql://u:p@localhost:5433/shop",
        "postgresql://u@db.example/shop?sslmode=verify-full", "host=db.example hostaddr=127.0.0.1",
        "host=/run/postgresql,localhost", "host= a = b"}) {
    INFO(safe);
    CHECK(insecure_host(safe) == std::nullopt);
  }
  for (const auto* mode : {"disable", "allow", "prefer", "require", "verify-ca"}) {
    CHECK(insecure_host(std::string("host=db.example sslmode=") + mode) == "db.example");
  }
  CHECK(insecure_host("postgresql://u:p@db.example/shop") == "db.example");
  CHECK(insecure_host("host=localhost,db.example") == "db.example");
  CHECK(insecure_host("host=localhost hostaddr=192.0.2.1") == "192.0.2.1");
  CHECK(insecure_host("postgresql://[2001:db8::1]/shop") == "2001:db8::1");
}

TEST_CASE("A connection string is shown without what may be a secret", "[conninfo]") {
  CHECK(without_secrets("host=h password=hunter2 dbname='a b'") ==
        "password=*** dbname='a b' host=h");
  CHECK(without_secrets("postgresql://u:hun%74er2@h:5433/db?sslmode=verify-full") ==
        "user=u password=*** dbname=db host=h port=5433 sslmode=verify-full");
  CHECK(without_secrets("host=h sslpassword=hunter2 dbname='it\\'s'") ==
        "dbname='it\\'s' host=h sslpassword=***");
  CHECK(without_secrets("postgresql://me%40shop@h,i/db") ==
        "user=me@shop dbname=db host=h,i port=,");
  CHECK(without_secrets("").empty());
  for (const char* leaky :
       {"postgresql://u:hun@ter2@h/db", "postgresql://u:12/hunter2@h/db", "password=a hunter2",
        "postgresql://u:hunter2/x@h/db", "postgresql://u:hunter2%zz@h", "https://u:hunter2@h"}) {
    INFO(leaky);
    CHECK(without_secrets(leaky) == "(not shown)");
  }
}

}  // namespace
}  // namespace ordercast::pg
