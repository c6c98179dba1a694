#include "http/guarded_library.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "http/header_rules.h"
#include "http/json_error.h"
#include "http/percent.h"

namespace ordercast::http {
namespace {

// Replays a prepared request to the library and keeps what it writes.
class GuardStream : public httplib::Stream {
 public:
  explicit GuardStream(std::string request) : request_(std::move(request)) {}

  [[nodiscard]] bool is_readable() const override { return position_ < request_.size(); }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override {
    const std::size_t got = request_.copy(data, size, position_);
    position_ += got;
    return static_cast<ssize_t>(got);
  }
  ssize_t write(const char* data, size_t size) override {
    answer_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  // Unknown to the library on purpose: it would add them to the request's headers.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  [[nodiscard]] socket_t socket() const override { return INVALID_SOCKET; }

  [[nodiscard]] std::string take_answer() { return std::move(answer_); }

 private:
  std::string request_;
  std::size_t position_ = 0;
  std::string answer_;
};

void log_exception(const httplib::Request& request, std::exception_ptr exception) {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const std::exception& e) {
    spdlog::error("{} {} failed: {}", request.method, request.path, e.what());
  } catch (...) {
    spdlog::error("{} {} failed: an exception that is no std::exception", request.method,
                  request.path);
  }
}

void copy(const Response& from, const httplib::Request& request, httplib::Response& to) {
  if (!valid_headers(from.headers) || !valid_headers({{"Content-Type", from.content_type}})) {
    spdlog::error("{} {} failed: its answer has a malformed header", request.method, request.path);
    return copy(internal_error(), request, to);
  }
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  if (!from.body.empty()) to.set_content(from.body, from.content_type);
}

// The call of answer() that runs on this thread: the library hands nothing of ours to its handlers.
thread_local const std::function<Response()>* current_respond = nullptr;

class CurrentRespond {
 public:
  explicit CurrentRespond(const std::function<Response()>& respond)
      : outer_(std::exchange(current_respond, &respond)) {}
  ~CurrentRespond() { current_respond = outer_; }
  CurrentRespond(const CurrentRespond&) = delete;
  CurrentRespond& operator=(const CurrentRespond&) = delete;

 private:
  const std::function<Response()>* outer_;
};

}  // namespace

Response internal_error() {
  return json_error(500, "internal_error",
                    "The server failed on this request; its log says why. Try again later.");
}

class GuardedLibrary::Library : public httplib::Server {
 public:
  Library() {
    httplib::Headers defaults;
    for (const auto& [name, value] : security_headers()) defaults.emplace(name, value);
    set_default_headers(std::move(defaults));
    set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      copy((*current_respond)(), request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request& request, httplib::Response& response,
                             std::exception_ptr exception) {
      log_exception(request, std::move(exception));
      copy(internal_error(), request, response);
    });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      // RFC 9110 section 8.6: 204 has no length. And it offers ranges to HEAD; the guard drops
      // them.
      if (response.status == 204) response.headers.erase("Content-Length");
      response.headers.erase("Accept-Ranges");
    });
  }

  void process(GuardStream& stream) {
    bool connection_closed = false;
    process_request(stream, /*close_connection=*/true, connection_closed, nullptr);
  }
};

// The library and the log make their tables when they are first used: here, before there are
// threads. They are compiled without ThreadSanitizer, which could not see how two who are first
// wait for each other.
GuardedLibrary::GuardedLibrary() : library_(std::make_unique<Library>()) {
  spdlog::default_logger_raw();
  static_cast<void>(answer("GET", "/", internal_error));
}
GuardedLibrary::~GuardedLibrary() = default;

std::string GuardedLibrary::answer(std::string_view method, std::string_view path,
                                   const std::function<Response()>& respond) const {
  std::string request(method);
  request += " " + percent_encode(path, "/") + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  GuardStream stream(std::move(request));
  const CurrentRespond current(respond);
  library_->process(stream);
  return stream.take_answer();
}

}  // namespace ordercast::http
