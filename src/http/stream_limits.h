// How many streams there may be at once, in all and of one tenant, and how long each lasts.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
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
  // How long a stream lasts at most, a random part of up to a tenth less; zero: as long as it
  // likes. So clients move to where there is room, and keys and roles that changed take effect.
  std::chrono::milliseconds lifetime{0};
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

  // Of a stream that begins now.
  [[nodiscard]] std::chrono::milliseconds lifetime() const { return lifetime_; }

  // That have streams now.
  [[nodiscard]] std::size_t tenants() const { return tenants_.keys(); }

 private:
  struct Places {
    KeyedLimit<std::monostate>::Place of_all;
    KeyedLimit<std::string>::Place of_tenant;
  };

  KeyedLimit<std::monostate> all_;
  KeyedLimit<std::string> tenants_;
  std::atomic<std::chrono::milliseconds> lifetime_;
};

}  // namespace ordercast::http
