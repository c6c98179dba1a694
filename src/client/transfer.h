// One request, whose answer is taken as it comes (libcurl, so also over TLS and through a proxy
// that the environment names). Redirects are answers like any. Confined to one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ordercast::client {

struct TransferRequest {
  std::string url;                   // http or https
  std::vector<std::string> headers;  // "Name: value", without line breaks
  std::string ca_file;               // whom to trust instead of the system's; empty: the system's
  std::optional<std::string> body = std::nullopt;  // with one it is a POST
};

class Transfer {
 public:
  // Throws std::invalid_argument when the URL is none.
  explicit Transfer(const TransferRequest& request);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  enum class State {
    kOpen,
    kEnded,  // the answer is complete
    kCut,    // there was none, or it ended too early: problem() says why
  };
  // Appends what has come to `body`, at most some hundred KiB a call. Waits for something to come,
  // for `wake` (a descriptor, -1 for none) to be readable, or for the time-out.
  State receive(std::string& body, int wake, std::chrono::milliseconds timeout);

  // Of the answer's head; 0 and empty before it is there.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string content_type() const;
  // What the server's Retry-After asks for; 0 when it does not.
  [[nodiscard]] std::chrono::seconds retry_after() const;
  [[nodiscard]] std::string problem() const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace ordercast::client
