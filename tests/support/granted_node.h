// A serving Ordercast inside the test's own process, that grants each request what the test says:
// as a node whose tokens have been verified.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/grant.h"
#include "http/access.h"
#include "http/catalog_handler.h"
#include "http/explain_handler.h"
#include "http/message_handler.h"
#include "http/order_desk_handler.h"
#include "http/server.h"
#include "http/stream_handler.h"
#include "hub/hub.h"
#include "pg/database_desk.h"
#include "pg/listener.h"
#include "pg/log_reader.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/granting.h"

namespace ordercast::testing {

class GrantedNode {
 public:
  // `grants`: by the value of the header Authorization; without that header, all may be seen.
  GrantedNode(const std::string& conninfo, std::map<std::string, Grant> grants,
              hub::HubOptions options = {})
      : history_(conninfo, watchdog_),
        desk_(conninfo, watchdog_),
        hub_(history_, options),
        listener_({.conninfo = conninfo}, hub_, watchdog_) {
    server_.admit_by(granting(std::move(grants)), {});
    http::add_stream_routes(server_, hub_, {});
    http::add_catalog_routes(server_, hub_, desk_);
    http::add_explain_routes(server_, hub_, history_);
    http::add_message_routes(server_, hub_, desk_);
    http::add_order_desk_routes(server_, hub_, history_, desk_);
    server_.start("127.0.0.1", 0);
    listener_.start();
    if (!eventually([&] { return hub_.status().started; })) throw std::runtime_error("not started");
  }
  ~GrantedNode() {
    hub_.close();
    server_.stop();
    listener_.stop();
  }
  GrantedNode(const GrantedNode&) = delete;
  GrantedNode& operator=(const GrantedNode&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  // How often another tenant's rows were about to be sent.
  [[nodiscard]] std::uint64_t withheld() const { return hub_.traffic().withheld.value(); }

 private:
  static std::shared_ptr<const http::Access> granting(std::map<std::string, Grant> grants) {
    return std::make_shared<const Granting>(
        [grants = std::move(grants)](const http::Request& request) {
          const auto name = request.header("Authorization");
          if (!name) return everything(true);
          return std::make_shared<const Grant>(grants.at(std::string(*name)));
        });
  }

  pg::Watchdog watchdog_;
  pg::LogReader history_;
  pg::DatabaseDesk desk_;
  hub::Hub hub_;
  pg::Listener listener_;
  http::Server server_;
};

}  // namespace ordercast::testing
