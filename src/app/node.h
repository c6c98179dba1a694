// One serving Ordercast: listener, hub and HTTP server, wired. Confined to the main thread.
#pragma once

#include <memory>
#include <string>

#include "app/listen_address.h"
#include "http/server.h"
#include "http/stream_handler.h"
#include "hub/hub.h"
#include "pg/listener.h"
#include "pg/log_reader.h"

namespace ordercast::app {

struct NodeOptions {
  std::string conninfo;
  ListenAddress listen;
  http::StreamOptions stream;
};

class Node {
 public:
  // Listens on the address; throws http::ListenError. Streams can be served when it returns, unless
  // the database does not answer: it may come later.
  explicit Node(const NodeOptions& options);
  // Ends the streams, then everything else.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  pg::LogReader history_;
  hub::Hub hub_;
  pg::Listener listener_;
  http::Server server_;
};

}  // namespace ordercast::app
