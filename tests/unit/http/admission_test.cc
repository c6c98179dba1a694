// threats.md row 13: who comes too fast, or has too much, and nobody else, is refused.
#include "http/admission.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <list>
#include <string>

namespace ordercast::http {
namespace {

using Time = std::chrono::steady_clock::time_point;

const Time kNow{std::chrono::hours(1)};

AdmissionOptions at_most(std::size_t of_a_client) {
  return {.most_per_client = of_a_client, .trusted_proxies = {*AddressRange::parse("10.0.0.0/8")}};
}

// Connections that stay.
class Crowd {
 public:
  explicit Crowd(Admission& admission) : admission_(admission) {}

  // The status of the refusal, or 200.
  int come(const char* peer) {
    connections_.push_back({.peer = IpAddress::parse(peer), .socket = {}});
    return status(admission_.admit(connections_.back(), kNow));
  }
  int come_through(const char* proxy, const std::string& forwarded_for) {
    if (const int refused = come(proxy); refused != 200) return refused;
    auto& connection = connections_.back();
    const auto client = admission_.client_of(connection, {{"X-Forwarded-For", forwarded_for}});
    return status(admission_.admit_client(connection, client));
  }
  void go() { connections_.clear(); }

 private:
  static int status(const std::optional<Refusal>& refusal) {
    return refusal ? refusal->status : 200;
  }

  Admission& admission_;
  std::list<AcceptedConnection> connections_;
};

}  // namespace

TEST_CASE("an address has so many connections, others have theirs") {
  Admission admission(at_most(2));
  Crowd crowd(admission);
  CHECK(crowd.come("192.0.2.1") == 200);
  CHECK(crowd.come("192.0.2.1") == 200);
  CHECK(crowd.come("192.0.2.1") == 429);
  CHECK(crowd.come("192.0.2.2") == 200);
  CHECK(admission.clients() == 2);
  crowd.go();
  CHECK(admission.clients() == 0);
  CHECK(crowd.come("192.0.2.1") == 200);
}

TEST_CASE("all addresses of an IPv6 network are one client's") {
  Admission admission(at_most(2));
  Crowd crowd(admission);
  CHECK(crowd.come("2001:db8:1:1::1") == 200);
  CHECK(crowd.come("2001:db8:1:1:9::2") == 200);
  CHECK(crowd.come("2001:db8:1:1:ffff::3") == 429);
  CHECK(crowd.come("2001:db8:1:2::1") == 200);
}

TEST_CASE("clients behind a proxy are counted one by one, the proxy is not") {
  Admission admission(at_most(1));
  Crowd crowd(admission);
  CHECK(crowd.come_through("10.0.0.1", "192.0.2.1") == 200);
  CHECK(crowd.come_through("10.0.0.1", "192.0.2.2") == 200);
  CHECK(crowd.come_through("10.0.0.2", "192.0.2.1") == 429);
  CHECK(crowd.come_through("10.0.0.1", "198.51.100.9, 192.0.2.2") == 429);
  CHECK(crowd.come_through("10.0.0.1", "") == 200);
  CHECK(crowd.come_through("10.0.0.1", "") == 200);
}

TEST_CASE("who is counted directly and says something else is counted once, as himself") {
  Admission admission(at_most(2));
  Crowd crowd(admission);
  CHECK(crowd.come_through("192.0.2.1", "6.6.6.6") == 200);
  CHECK(crowd.come_through("192.0.2.1", "7.7.7.7") == 200);
  CHECK(crowd.come_through("192.0.2.1", "8.8.8.8") == 429);
  CHECK(admission.clients() == 1);
}

TEST_CASE("programs on this machine are not counted") {
  Admission admission(at_most(1));
  Crowd crowd(admission);
  for (const char* peer : {"127.0.0.1", "127.0.0.1", "::1", "::1", "", ""}) {
    CHECK(crowd.come(peer) == 200);
  }
  CHECK(admission.clients() == 0);
}

TEST_CASE("so many come at once and so many a second, whoever they are") {
  AdmissionOptions options;
  options.per_second = 10;
  options.burst = 3;
  Admission admission(options);
  Crowd crowd(admission);
  for (int i = 0; i < 3; ++i) CHECK(crowd.come("127.0.0.1") == 200);
  CHECK(crowd.come("127.0.0.1") == 503);
  CHECK(crowd.come("192.0.2.1") == 503);
  AcceptedConnection later;
  CHECK_FALSE(admission.admit(later, kNow + std::chrono::milliseconds(101)));
}

TEST_CASE("a client at its limit does not use up what the others may come with") {
  auto options = at_most(1);
  options.burst = 2;
  Admission admission(options);
  Crowd crowd(admission);
  CHECK(crowd.come("192.0.2.1") == 200);
  for (int i = 0; i < 5; ++i) CHECK(crowd.come("192.0.2.1") == 429);
  CHECK(crowd.come("192.0.2.2") == 200);
  CHECK(crowd.come("192.0.2.3") == 503);
  CHECK(admission.clients() == 2);
}

TEST_CASE("a full node's crowd is let in at once, twice") {
  Admission admission(AdmissionOptions{});
  AcceptedConnection connection;
  for (int i = 0; i < 20'000; ++i) REQUIRE_FALSE(admission.admit(connection, kNow));
}

TEST_CASE("limits that change hold from then on, and so does whom it trusts") {
  Admission admission(at_most(1));
  Crowd crowd(admission);
  CHECK(crowd.come("192.0.2.1") == 200);
  CHECK(crowd.come("192.0.2.1") == 429);
  auto more = at_most(2);
  admission.set_limits(more);
  CHECK(crowd.come("192.0.2.1") == 200);
  CHECK(crowd.come("192.0.2.1") == 429);
  CHECK(crowd.come_through("10.0.0.1", "192.0.2.1") == 429);
  more.trusted_proxies = {*AddressRange::parse("172.16.0.0/12")};
  admission.set_limits(more);
  CHECK(crowd.come_through("172.16.0.1", "192.0.2.1") == 429);
  CHECK(crowd.come_through("10.0.0.2", "192.0.2.1") == 200);  // for himself
  admission.set_limits({.most_per_client = 2, .per_second = 1, .burst = 1});
  CHECK(crowd.come("192.0.2.2") == 200);
  CHECK(crowd.come("192.0.2.3") == 503);
}

}  // namespace ordercast::http
