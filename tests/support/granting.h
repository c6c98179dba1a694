// Access as a test says it. Thread-safe when `grants` is.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "http/access.h"

namespace ordercast::testing {

class Granting : public http::Access {
 public:
  using Grants = std::function<GrantPtr(const http::Request&)>;

  explicit Granting(Grants grants) : grants_(std::move(grants)) {}
  [[nodiscard]] std::variant<GrantPtr, http::Response> admit(
      http::Request& request) const override {
    return grants_(request);
  }

 private:
  const Grants grants_;
};

}  // namespace ordercast::testing
