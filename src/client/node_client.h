// A client of a node for verbs that look at it from outside. Each call opens a connection of its
// own. Confined to one thread; what is waited for has a limit.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "client/transfer.h"

namespace ordercast::client {

// There is no answer: nobody listens there, the connection broke, or it took too long.
struct NodeUnreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class NodeClient {
 public:
  struct Options {
    std::string url = {};    // http://127.0.0.1:8080; may have a path, where a proxy adds one
    std::string token = {};  // sent as a bearer's; empty: none
    // How long nothing may come: neither the connection nor anything over it.
    std::chrono::milliseconds patience{10'000};
  };
  struct Answer {
    int status = 0;
    std::string body;
  };

  // Throws std::invalid_argument for what is no such URL.
  explicit NodeClient(Options options);

  // All throw NodeUnreachable. `path` begins with "/" and may have a query.
  [[nodiscard]] Answer get(const std::string& path) const;
  [[nodiscard]] Answer post(const std::string& path, const std::string& json) const;
  // Hands the body of an answer of status 200 on, piece by piece as they come, until `take` says
  // no: the answer's body is then empty. Another status is answered as by get(). Its end, or
  // nothing for `patience`, while `take` wants more: NodeUnreachable.
  using Take = std::function<bool(std::string_view piece)>;
  [[nodiscard]] Answer stream(const std::string& path, const Take& take) const;

 private:
  [[nodiscard]] TransferRequest request(const std::string& path) const;
  [[nodiscard]] Answer whole_answer(const TransferRequest& request) const;
  // What comes next, with whether that is all.
  [[nodiscard]] bool receive(Transfer& transfer, std::string& body) const;

  const Options options_;
  std::string origin_;  // of the URL
  std::string base_;    // the URL, without a slash at the end
};

// What a node says of itself in its answer: the problem's `detail`, else the status.
[[nodiscard]] std::string explanation(const NodeClient::Answer& answer);

}  // namespace ordercast::client
