// How many streams there may be at once, in all and of one tenant. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

#include "base/keyed_limit.h"
#include "core/grant.h"
#include "http/refusal.h"

namespace ordercast::http {

struct StreamLimitOptions {
  // Below ServerOptions::max_connections: at the limit there are threads left to say so, and for
  // all that is no stream, above all the orchestrator's question whether the node lives.
  std::size_t most = 19'000;
  std::size_t most_per_tenant = 200;  // a merchant's boards, terminals and services
};

class StreamLimits {
 public:
  // Outlives the places.
  explicit StreamLimits(const StreamLimitOptions& options);
  // For the streams that begin from now on.
  void set(const StreamLimitOptions& options);
  StreamLimits(const StreamLimits&) = delete;
  StreamLimits& operator=(const StreamLimits&) = delete;

  // A stream's place while the last copy of it lives.
  using Place = std::shared_ptr<const void>;
  // Those whose grant is of no tenant are counted in all only.
  [[nodiscard]] std::variant<Place, Refusal> enter(const Grant& grant);

  // That have streams now.
  [[nodiscard]] std::size_t tenants() const { return tenants_.keys(); }

 private:
  struct Places {
    KeyedLimit<std::monostate>::Place of_all;
    KeyedLimit<std::string>::Place of_tenant;
  };

  KeyedLimit<std::monostate> all_;
  KeyedLimit<std::string> tenants_;
};

}  // namespace ordercast::http
