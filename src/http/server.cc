#include "http/server.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "http/acceptor.h"
#include "http/connection.h"
#include "http/connection_threads.h"
#include "http/json_error.h"
#include "http/refusal_desk.h"
#include "http/tcp.h"

namespace ordercast::http {

class Server::Impl {
 public:
  explicit Impl(ServerOptions options)
      : site_{std::move(options), {}, {}, answers_},
        threads_(site_.options.max_connections,
                 {.stack_bytes = site_.options.stack_bytes, .name = "http-connection"},
                 site_.options.start_thread, [this](int fd) { serve_connection(fd, site_); }) {}

  ~Impl() {
    if (!stop()) {
      spdlog::warn("{} HTTP handlers have not returned: waiting for them", threads_.size());
    }
  }

  Router& router() { return site_.router; }

  void start(const std::string& host, std::uint16_t port) {
    if (acceptor_) throw std::logic_error("the HTTP server has been started already");
    const auto& options = site_.options;
    UniqueFd listening = listen_on(host, port, options.listen_backlog);
    address_ = local_address(listening.get());
    desk_.emplace(options, busy_answer());
    acceptor_.emplace(std::move(listening), options.accept, options.accept_pause,
                      [this](UniqueFd connection) { take(std::move(connection)); });
    accept_thread_ = Thread({.stack_bytes = options.stack_bytes, .name = "http-accept"},
                            [this] { acceptor_->run(); });
  }

  bool stop() {
    if (acceptor_) acceptor_->stop();
    accept_thread_.join();
    desk_.reset();
    return threads_.stop(std::chrono::steady_clock::now() + site_.options.stop_timeout);
  }

  [[nodiscard]] const SocketAddress& address() const { return address_; }

  [[nodiscard]] ServerCounters counters() const {
    return {.open_connections = threads_.size(),
            .accepted = accepted_,
            .refused = refused_,
            .accept_failures = acceptor_ ? acceptor_->failures() : 0,
            .answers = answers_.statuses.counts(),
            .refusals = answers_.refusals.counts()};
  }

 private:
  // On the accept thread.
  void take(UniqueFd connection) {
    UniqueFd refused = threads_.start(std::move(connection));
    if (!refused) {
      ++accepted_;
      return;
    }
    ++refused_;
    answers_.refusals.add("overloaded");
    desk_->refuse(std::move(refused));
  }

  [[nodiscard]] std::string busy_answer() const {
    using std::chrono::ceil, std::chrono::seconds;
    const auto& options = site_.options;
    const auto delay = options.refusal_retry_min + options.refusal_retry_spread;
    return site_.library.answer("GET", "/", [&] {
      auto response = json_error(503, "overloaded",
                                 "The server has as many connections as it can serve. Try again "
                                 "in a few seconds.");
      response.headers.push_back({"Retry-After", std::to_string(ceil<seconds>(delay).count())});
      return response;
    });
  }

  AnswerCounters answers_;
  Site site_;
  ConnectionThreads threads_;
  SocketAddress address_;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::optional<RefusalDesk> desk_;
  std::optional<Acceptor> acceptor_;
  Thread accept_thread_;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

void Server::route(std::string_view method, std::string_view pattern, Handler handler) {
  if (!handler) throw std::invalid_argument("a route without a handler");
  impl_->router().add(method, pattern,
                      [handler = std::move(handler)](const Request& request) -> StreamAnswer {
                        return handler(request);
                      });
}

void Server::route_stream(std::string_view pattern, StreamHandler handler) {
  impl_->router().add("GET", pattern, std::move(handler));
}

void Server::start(const std::string& host, std::uint16_t port) {
  impl_->start(host, port);
}
bool Server::stop() {
  return impl_->stop();
}
std::uint16_t Server::port() const {
  return impl_->address().port;
}
std::string Server::url() const {
  return "http://" + to_string(impl_->address());
}
ServerCounters Server::counters() const {
  return impl_->counters();
}

}  // namespace ordercast::http
