// Tokens that are void before their end: what ordercast.revocations says
// (sql/0014_revocations.sql). Immutable, thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/grant.h"

namespace ordercast {

// Tokens of which all that is set here holds; at least one is.
struct Revocation {
  std::optional<std::string> token_id = std::nullopt;  // `jti`
  std::optional<std::string> tenant = std::nullopt;
  // Issued before; a token that does not say when was issued before any time.
  std::optional<std::chrono::system_clock::time_point> issued_before = std::nullopt;

  [[nodiscard]] bool covers(const Grant& grant) const;
  bool operator==(const Revocation&) const = default;
};

class Revocations {
 public:
  Revocations() = default;
  explicit Revocations(std::vector<Revocation> all);

  // Looks only at those of the same token or tenant, and at those of all.
  [[nodiscard]] bool cover(const Grant& grant) const;
  bool operator==(const Revocations& other) const = default;

 private:
  using ByName = std::unordered_map<std::string, std::vector<Revocation>>;
  ByName of_tokens_;
  ByName of_tenants_;
  std::vector<Revocation> of_all_;
};

using RevocationsPtr = std::shared_ptr<const Revocations>;

}  // namespace ordercast
