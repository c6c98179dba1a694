#include "support/test_site.h"

#include <poll.h>

#include <chrono>
#include <functional>
#include <map>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "support/child_process.h"

namespace ordercast::testing {
namespace {

using http::Request;
using http::Response;
using http::StreamAnswer;
using http::StreamSession;
using http::StreamWriter;

Response echo_json(const Request& request) {
  using nlohmann::json;
  json params = json::array();
  for (const auto& [name, value] : request.params) params.push_back({name, value});
  json headers = json::array();
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  const json body = {{"method", request.method},
                     {"path", request.path},
                     {"params", params},
                     {"headers", headers},
                     {"parameter", request.path_parameter},
                     {"remote", request.remote_addr},
                     {"client", request.client_addr},
                     {"https", request.https},
                     {"body", request.body},
                     {"http_1_0", request.http_1_0}};
  return {.body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

struct Unprintable {};
struct MultiLine : std::exception {
  [[nodiscard]] const char* what() const noexcept override {
    return "password=hunter2\r\nSet-Cookie: owned=1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
  }
};

const std::map<std::string, std::function<void()>>& throwers() {
  static const std::map<std::string, std::function<void()>> all = {
      {"runtime_error", [] { throw std::runtime_error(kSecret); }},
      {"logic_error", [] { throw std::logic_error(kSecret); }},
      {"system_error",
       [] { throw std::system_error(std::make_error_code(std::errc::io_error), kSecret); }},
      {"multi_line", [] { throw MultiLine(); }},
      {"bad_alloc", [] { throw std::bad_alloc(); }},
      {"json", [] { static_cast<void>(nlohmann::json("\xff" + std::string(kSecret)).dump()); }},
      {"nested",
       [] {
         try {
           throw std::runtime_error(kSecret);
         } catch (...) {
           std::throw_with_nested(std::invalid_argument(kSecret));
         }
       }},
      {"int", [] { throw 42; }},
      {"pointer", [] { throw kSecret; }},
      {"string", [] { throw std::string(kSecret); }},
      {"struct", [] { throw Unprintable(); }},
  };
  return all;
}

void throw_as(const std::string& kind) {
  throwers().at(kind)();
  throw std::logic_error("no such kind");
}

void hold(StreamWriter& writer) {
  if (!writer.write("data: open\n\n")) return;
  // What the hub's epoll will do: wait for the hang-up alone, for as long as it takes.
  pollfd entry{.fd = writer.fd(), .events = POLLRDHUP, .revents = 0};
  while (!writer.peer_closed()) ::poll(&entry, 1, -1);
}

StreamSession session(std::function<void(StreamWriter&)> run) {
  return {.content_type = "text/event-stream",
          .headers = {{"Cache-Control", "no-store, no-transform"}},
          .run = std::move(run)};
}

}  // namespace

const std::vector<std::string>& throw_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names;
    for (const auto& [name, thrower] : throwers()) names.push_back(name);
    return names;
  }();
  return kinds;
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

TestSite::TestSite(http::ServerOptions options, const std::string& host)
    : server_(std::move(options)) {
  add_routes();
  add_stream_routes();
  server_.start(host, 0);
}

void TestSite::add_routes() {
  const auto echo = [this](const Request& request) {
    ++requests_;
    return echo_json(request);
  };
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    server_.route(method, "/echo", echo);
  }
  server_.route("GET", "/items/{id}", echo);
  server_.route_always("GET", "/alive", [](const Request&) { return Response{.body = "alive"}; });
  server_.route("GET", "/smuggled", [this](const Request&) {
    ++smuggled_;
    return Response{.body = "smuggled"};
  });
  server_.route("GET", "/throw/{kind}", [](const Request& request) -> Response {
    throw_as(request.path_parameter);
    return {};
  });
}

void TestSite::add_stream_routes() {
  server_.route_stream("/stream/three", [](const Request&) -> StreamAnswer {
    return session([](StreamWriter& writer) {
      for (const char* event : {"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}) {
        if (!writer.write(event)) return;
      }
    });
  });
  server_.route_stream("/stream/hold",
                       [](const Request&) -> StreamAnswer { return session(hold); });
  server_.route_stream("/stream/flood", [this](const Request&) -> StreamAnswer {
    return session([this](StreamWriter& writer) {
      const std::string block(64 * 1024, 'x');
      while (writer.write(block)) {
      }
      if (writer.stalled()) ++stalls_;
    });
  });
  server_.route_stream("/stream/throw/{kind}", [](const Request& request) -> StreamAnswer {
    return session([kind = request.path_parameter](StreamWriter& writer) {
      static_cast<void>(writer.write("data: before\n\n"));
      throw_as(kind);
    });
  });
}

}  // namespace ordercast::testing
