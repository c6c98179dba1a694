#include "load/crowd.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

using namespace std::chrono_literals;
using namespace ordercast;
using namespace ordercast::load;

namespace {

constexpr auto kPatience = 30s;

// A server that answers its connections, one after the other, with what each is to get.
class ScriptedServer {
 public:
  using Script = std::function<std::string(const std::string& request)>;

  explicit ScriptedServer(std::vector<Script> scripts)
      : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listening_.get(), 64) == 0);
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      for (const auto& script : scripts) serve(script);
    });
  }
  ~ScriptedServer() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve(const Script& script) {
    UniqueFd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string request;
    std::array<char, 4096> chunk;
    while (!request.ends_with("\r\n\r\n")) {
      const ssize_t got = ::recv(peer.get(), chunk.data(), chunk.size(), 0);
      if (got <= 0) return;
      request.append(chunk.data(), static_cast<std::size_t>(got));
    }
    for (const char byte : script(request)) ::send(peer.get(), &byte, 1, MSG_NOSIGNAL);
    kept_.push_back(std::move(peer));
  }

  UniqueFd listening_;
  std::uint16_t port_ = 0;
  std::vector<UniqueFd> kept_;  // open until the test is over
  std::thread thread_;
};

std::string stream(const std::vector<std::uint64_t>& seqs) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto seq : seqs) {
    const auto event = fmt::format("id: at-{}\ndata: {}\n\n", seq, Stamp{seq, 1}.text());
    text += fmt::format("{:x}\r\n{}\r\n", event.size(), event);
  }
  return text;
}

ScriptedServer::Script sends(std::string text) {
  return [text = std::move(text)](const std::string&) { return text; };
}

CrowdOptions of(const ScriptedServer& server, std::size_t connections) {
  CrowdOptions options;
  options.port = server.port();
  options.target = "/stream";
  options.connections = connections;
  return options;
}

}  // namespace

TEST_CASE("a crowd counts what each connection lacks, has twice, or has late") {
  ScriptedServer server({sends(stream({1, 2, 3, 4})), sends(stream({1, 2, 4})),
                         sends(stream({1, 2, 2, 3, 4})), sends(stream({1, 3, 2, 4}))});
  Crowd crowd(of(server, 4));
  crowd.begin(1, 4);
  crowd.connect(kPatience);
  REQUIRE(crowd.run_until([&] { return crowd.reached(4) == 4; }, kPatience));
  CHECK(crowd.faults() == Faults{.lost = 1, .duplicated = 1, .reordered = 1});
  CHECK_FALSE(crowd.complete());
  CHECK(crowd.deliveries().count() == 15);
}

TEST_CASE("a crowd that has had everything is complete") {
  ScriptedServer server({sends(stream({1, 2})), sends(stream({1, 2}))});
  Crowd crowd(of(server, 2));
  crowd.begin(1, 2);
  crowd.connect(kPatience);
  CHECK(crowd.run(kPatience));
  CHECK(crowd.faults().none());
}

TEST_CASE("a stream that ends is resumed with the id of its last event, and checked across") {
  std::string second_request;
  ScriptedServer server({sends(stream({1, 2}) + "0\r\n\r\n"), [&](const std::string& request) {
                           second_request = request;
                           return stream({3, 4});
                         }});
  auto options = of(server, 1);
  options.reconnect = true;
  Crowd crowd(options);
  crowd.begin(1, 4);
  crowd.connect(kPatience);
  REQUIRE(crowd.run(kPatience));
  CHECK(crowd.faults().none());
  CHECK(crowd.ended() == 1);
  CHECK(second_request.find("Last-Event-ID: at-2\r\n") != std::string::npos);
}

TEST_CASE("a refused connection says why") {
  ScriptedServer server({sends("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")});
  Crowd crowd(of(server, 1));
  CHECK_THROWS_WITH(crowd.connect(kPatience), Catch::Contains("status 400"));
  CHECK(crowd.refused() == 1);
}

TEST_CASE("nobody listens: that is said") {
  std::uint16_t port = 0;
  {
    ScriptedServer server({});
    port = server.port();
  }
  CrowdOptions options;
  options.port = port;
  options.target = "/";
  Crowd crowd(options);
  CHECK_THROWS_WITH(crowd.connect(kPatience), Catch::Contains("Connection refused"));
}
