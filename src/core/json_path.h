// A way into a jsonb value, as PostgreSQL's -> goes it: by key into an object, by number into an
// array, from its end when negative. Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ordercast {

class JsonPath {
 public:
  using Step = std::variant<int, std::string>;

  JsonPath() = default;
  explicit JsonPath(std::vector<Step> steps) : steps_(std::move(steps)) {}

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

  // The JSON text at the end of the way from `token`, which is jsonb as PostgreSQL wrote it;
  // nullopt when it does not lead there. The stack is no deeper for a value that is.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view token) const;

 private:
  std::vector<Step> steps_;
};

}  // namespace ordercast
