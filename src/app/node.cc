#include "app/node.h"

#include <spdlog/spdlog.h>

#include "http/board_handler.h"
#include "http/status_handler.h"

namespace ordercast::app {

namespace {

// A database that answers does so within milliseconds. One that does not shall not keep the node from
// saying that it lives.
constexpr std::chrono::seconds kFirstAttempt{2};

}  // namespace

Node::Node(const NodeOptions& options)
    : history_(options.conninfo),
      hub_(history_, {}),
      listener_({.conninfo = options.conninfo}, hub_) {
  http::add_board_routes(server_);
  http::add_status_routes(server_, hub_);
  http::add_stream_routes(server_, hub_, options.stream);
  server_.start(options.listen.host, options.listen.port);
  listener_.start();
  listener_.wait_first_attempt(kFirstAttempt);
}

Node::~Node() {
  hub_.close();
  if (!server_.stop()) spdlog::warn("some connections did not end in time");
  listener_.stop();
}

}  // namespace ordercast::app
