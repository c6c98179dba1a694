// The table of routes: compares path segments, no regexes (std::regex recurses on what a client
// sends). Built once, then immutable and thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/response.h"

namespace ordercast::http {

class Router {
 public:
  using Handler = std::function<StreamAnswer(const Request&)>;

  struct Match {
    const Handler* handler;  // lives as long as the router
    std::string parameter;   // what `{name}` stood for
  };

  // See Server::route.
  void add(std::string_view method, std::string_view pattern, Handler handler);

  // The handler for decoded segments, or the answer when there is none: 404 with the list of what
  // there is, 405 with Allow, or to OPTIONS 204 with Allow.
  [[nodiscard]] std::variant<Match, Response> find(std::string_view method,
                                                   const std::vector<std::string>& segments) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    int parameter = -1;  // index of the `{name}` segment
    Handler handler;
  };

  [[nodiscard]] static bool fits(const Route& route, const std::vector<std::string>& segments);
  [[nodiscard]] Response not_found() const;

  std::vector<Route> routes_;  // those without a parameter first
};

}  // namespace ordercast::http
