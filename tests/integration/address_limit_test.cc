// threats.md row 13: an address that is at its limit costs no thread. In a network of its own,
// because programs on loopback are not counted.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/private_network.h"
#include "support/test_site.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr char kFromElsewhere[] = "192.0.2.1";

// What a client of that address is answered.
HttpResponse ask(std::uint16_t port, const std::string& target, const std::string& header = {}) {
  RawConnection client(port, kFromElsewhere);
  client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n");
  return parse_responses(client.read_to_end()).at(0);
}

}  // namespace

TEST_CASE("A client at its limit is refused before it has said a word, others are served") {
  if (::geteuid() != 0) {
    WARN("not run: a network of one's own takes root");  // which ctest shows as skipped
    return;
  }
  PrivateNetwork network;
  network.add_address(kFromElsewhere);
  http::ServerOptions options;
  options.admission.most_per_client = 2;
  // However slow the machine is: the silent ones stay, and who is refused has time to say a word.
  options.request_timeout = options.refusal_timeout = kPatience;
  TestSite site(options, "0.0.0.0");
  const auto counters = [&] { return site.server().counters(); };
  std::vector<RawConnection> silent;
  for (int i = 0; i < 2; ++i) silent.emplace_back(site.port(), kFromElsewhere);
  CHECK(testing::eventually([&] { return counters().accepted == 2; }));

  const auto stream = ask(site.port(), "/stream/hold", "Accept: text/event-stream\r\n");
  CHECK(stream.status == 200);
  SseDecoder decoder;
  decoder.feed(stream.body);
  CHECK(decoder.retry() >= options.retry_delays.limited.least);
  const auto event = decoder.next();
  REQUIRE(event);
  CHECK(nlohmann::json::parse(event->data)["refused"] == "too_many_connections");
  CHECK(ask(site.port(), "/echo").status == 429);
  CHECK(counters().refusals.at("too_many_connections") == 2);
  CHECK(counters().accepted == 2);
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);

  silent.clear();
  CHECK(testing::eventually([&] { return counters().clients == 0; }));
  const auto echo = nlohmann::json::parse(
      ask(site.port(), "/echo", "X-Forwarded-For: 6.6.6.6\r\nREMOTE_ADDR: 6.6.6.6\r\n").body);
  CHECK(echo["remote"] == kFromElsewhere);
  CHECK(echo["client"] == kFromElsewhere);
}

}  // namespace ordercast
