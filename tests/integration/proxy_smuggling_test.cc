// docs/security.md row 18, behind a reverse proxy: whatever nginx takes for one request is one
// request here. nginx marks each request that it forwards with a number of its own; a request that
// was hidden in another one, and executed, would have none.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "http/server.h"
#include "support/http_client.h"
#include "support/nginx.h"
#include "support/smuggling_shapes.h"

namespace ordercast {
namespace {

using namespace testing;

// Answers all that the shapes ask for, and keeps the numbers.
class MarkedSite {
 public:
  MarkedSite() {
    const auto note = [this](const http::Request& request) {
      const MutexLock lock(mutex_);
      marks_.emplace_back(request.header("X-Mark").value_or("none: " + request.path));
      return http::Response{.body = "{}"};
    };
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
      server_.route(method, "/echo", note);
      server_.route(method, "/smuggled", note);
    }
    server_.start("127.0.0.1", 0);
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] http::ServerCounters counters() const { return server_.counters(); }
  [[nodiscard]] std::vector<std::string> marks() EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return marks_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> marks_ GUARDED_BY(mutex_);
  http::Server server_;  // last: its threads use all of the above
};

std::vector<SmugglingShape> all_shapes() {
  std::vector<SmugglingShape> all;
  for (const auto& some :
       {line_end_shapes(), header_shapes(), framing_shapes(), request_line_shapes()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Connections to the server are kept as long as it lets them be, which is what desynchronising
// needs; to clients nginx ends them soon, so that all are read to their end in a second.
std::string upstream(std::uint16_t port) {
  return fmt::format(
      "upstream site {{ server 127.0.0.1:{}; keepalive 8; }}\n"
      "keepalive_timeout 300ms; client_header_timeout 500ms; client_body_timeout 500ms;\n"
      "proxy_next_upstream off;",
      port);
}

constexpr char kProxied[] =
    "location / { proxy_pass http://site; proxy_http_version 1.1;"
    "  proxy_set_header Connection ''; proxy_set_header X-Mark $request_id; }\n";
// Lets through what nginx would drop or wait for.
constexpr char kLenient[] =
    "ignore_invalid_headers off; underscores_in_headers on; proxy_request_buffering off;"
    " merge_slashes off; proxy_buffering off;\n";

void check_behind(const std::string& settings) {
  MarkedSite site;
  const Nginx nginx(settings + kProxied, upstream(site.port()));
  std::vector<std::unique_ptr<RawConnection>> clients;
  const auto shapes = all_shapes();
  REQUIRE(shapes.size() >= 60);
  for (const auto& shape : shapes) {
    clients.push_back(std::make_unique<RawConnection>(nginx.port()));
    clients.back()->send(shape.bytes);
  }
  for (const auto& client : clients) static_cast<void>(client->read_to_end());

  auto marks = site.marks();
  INFO(nginx.errors());
  CHECK(marks.size() > 20);  // nginx refuses many shapes itself, but not all
  for (const auto& mark : marks) CHECK_THAT(mark, !Catch::StartsWith("none: "));
  std::sort(marks.begin(), marks.end());
  CHECK(std::adjacent_find(marks.begin(), marks.end()) == marks.end());
  // Nor was more answered than was asked: nginx would say that the upstream sent too much.
  CHECK_THAT(nginx.errors(), !Catch::Contains("upstream sent"));
  CHECK(site.counters().accepted >= marks.size());
}

}  // namespace

TEST_CASE("Behind nginx as it comes, no shape makes a request that nginx did not send") {
  check_behind("");
}

TEST_CASE("Behind nginx that lets odd messages through, neither") {
  check_behind(kLenient);
}

}  // namespace ordercast
