#include "app/node.h"

#include <spdlog/spdlog.h>

#include "http/board_handler.h"
#include "http/status_handler.h"

namespace ordercast::app {

Node::Node(const NodeOptions& options)
    : history_(options.conninfo),
      hub_(history_, {}),
      listener_({.conninfo = options.conninfo}, hub_) {
  http::add_board_routes(server_);
  http::add_status_routes(server_, hub_);
  http::add_stream_routes(server_, hub_, options.stream);
  server_.start(options.listen.host, options.listen.port);
  listener_.start();
}

Node::~Node() {
  hub_.close();
  if (!server_.stop()) spdlog::warn("some connections did not end in time");
  listener_.stop();
}

}  // namespace ordercast::app
