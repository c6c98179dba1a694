#include "http/server.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <optional>
#include <utility>

#include "http/accept_probe.h"
#include "http/acceptor.h"
#include "http/connection.h"
#include "http/connection_threads.h"
#include "http/refusal_desk.h"
#include "http/tcp.h"

namespace ordercast::http {
namespace {

constexpr Refusal kOverloaded{503, "overloaded",
                              "The server has as many connections as it can serve. Try again in a "
                              "few seconds."};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options)
      : site_(std::move(options)),
        threads_(site_.options.max_connections,
                 {.stack_bytes = site_.options.stack_bytes, .name = "http-connection"},
                 site_.options.start_thread,
                 [this](AcceptedConnection& connection) { serve_connection(connection, site_); }) {}

  ~Impl() {
    if (!stop()) {
      spdlog::warn("{} HTTP handlers have not returned: waiting for them", threads_.size());
    }
  }

  Router& router() { return site_.router; }
  Router& always() { return site_.always; }

  void admit_by(std::shared_ptr<const Access> access, Cors cors) {
    site_.access = std::move(access);
    site_.cors = std::move(cors);
  }

  void set_limits(const ServerOptions& options) {
    site_.limits.set(options);
    site_.admission.set_limits(options.admission);
    threads_.set_limit(options.max_connections);
  }

  void start(const std::string& host, std::uint16_t port) {
    if (acceptor_) throw std::logic_error("the HTTP server has been started already");
    const auto& options = site_.options;
    UniqueFd listening = listen_on(host, port, options.listen_backlog);
    address_ = local_address(listening.get());
    desk_.emplace(options, site_.library, site_.always);
    acceptor_.emplace(std::move(listening), options.accept, options.accept_pause,
                      [this](UniqueFd connection) { take(std::move(connection)); });
    accept_thread_ = Thread({.stack_bytes = options.stack_bytes, .name = "http-accept"},
                            [this] { acceptor_->run(); });
  }

  bool stop() {
    if (acceptor_) acceptor_->stop();
    accept_thread_.join();
    if (desk_) desk_->stop();
    return threads_.stop(std::chrono::steady_clock::now() + site_.options.stop_timeout);
  }

  [[nodiscard]] const SocketAddress& address() const { return address_; }
  [[nodiscard]] bool speaks_tls() const { return site_.options.tls != nullptr; }

  [[nodiscard]] ServerCounters counters() const {
    return {.open_connections = threads_.size(),
            .accepted = accepted_,
            .refused = refused_,
            .refused_unanswered = desk_ ? desk_->unanswered() : 0,
            .clients = site_.admission.clients(),
            .accept_failures = acceptor_ ? acceptor_->failures() : 0,
            .answers = site_.answers.statuses.counts(),
            .refusals = site_.answers.refusals.counts()};
  }

 private:
  // On the accept thread.
  void take(UniqueFd socket) {
    AcceptedConnection connection{.peer = IpAddress::parse(peer_address(socket.get()).host),
                                  .socket = std::move(socket)};
    if (const auto why = site_.admission.admit(connection, std::chrono::steady_clock::now())) {
      return refuse(std::move(connection.socket), *why);
    }
    auto not_served = threads_.start(std::move(connection));
    if (!not_served) {
      ++accepted_;
      return;
    }
    refuse(std::move(not_served->socket), kOverloaded);
  }

  void refuse(UniqueFd socket, const Refusal& why) {
    ++refused_;
    site_.answers.refusals.add(why.code);
    desk_->refuse(std::move(socket), why);
  }

  Site site_;
  // Before the threads: their handlers may ask for the counters as long as they run.
  std::optional<RefusalDesk> desk_;
  std::optional<Acceptor> acceptor_;
  ConnectionThreads threads_;
  SocketAddress address_;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  Thread accept_thread_;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

void Server::admit_by(std::shared_ptr<const Access> access, Cors cors) {
  impl_->admit_by(std::move(access), std::move(cors));
}

void Server::route(std::string_view method, std::string_view pattern, Handler handler) {
  if (!handler) throw std::invalid_argument("a route without a handler");
  impl_->router().add(method, pattern,
                      [handler = std::move(handler)](const Request& request) -> StreamAnswer {
                        return handler(request);
                      });
}

void Server::route_always(std::string_view method, std::string_view pattern,
                          const Handler& handler) {
  route(method, pattern, handler);
  impl_->always().add(method, pattern, handler);
}

void Server::route_stream(std::string_view pattern, StreamHandler handler) {
  impl_->router().add("GET", pattern, std::move(handler));
}

void Server::start(const std::string& host, std::uint16_t port) {
  impl_->start(host, port);
}
void Server::set_limits(const ServerOptions& options) {
  impl_->set_limits(options);
}
bool Server::stop() {
  return impl_->stop();
}
std::uint16_t Server::port() const {
  return impl_->address().port;
}
std::string Server::url() const {
  return (impl_->speaks_tls() ? "https://" : "http://") + to_string(impl_->address());
}
ServerCounters Server::counters() const {
  return impl_->counters();
}
bool Server::takes_connections(std::chrono::milliseconds limit) const {
  return http::takes_connections(impl_->address(), limit);
}

}  // namespace ordercast::http
