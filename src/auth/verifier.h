// From a token's text to what it grants. Thread-safe; the keys can be read anew while it is used.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/claims.h"
#include "auth/key.h"
#include "auth/token.h"
#include "base/mutex.h"
#include "core/grant.h"

namespace ordercast::auth {

struct VerifierOptions {
  std::vector<std::filesystem::path> key_files;
  // Those that are taken; empty: all that there is a key for.
  std::vector<Algorithm> algorithms = {};
  ClaimRules rules = {};
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

class TokenVerifier {
 public:
  // Throws KeyError: a file is of no use, or none is of the algorithms.
  explicit TokenVerifier(VerifierOptions options);

  [[nodiscard]] std::variant<GrantPtr, TokenProblem> verify(std::string_view token) const
      EXCLUDES(mutex_);

  // Reads the files again. Throws KeyError, and goes on with the keys that it has.
  void reload() EXCLUDES(mutex_);
  // The same by other options; when it throws, the old ones stay.
  void reload(VerifierOptions options) EXCLUDES(mutex_);
  [[nodiscard]] std::size_t key_count() const EXCLUDES(mutex_);

  // A token that names no key is tried with each.
  static constexpr std::size_t kMostKeys = 32;

 private:
  struct Trust {
    VerifierOptions options;
    std::vector<Key> keys;
  };
  using TrustPtr = std::shared_ptr<const Trust>;

  [[nodiscard]] static TrustPtr read(VerifierOptions options);
  [[nodiscard]] TrustPtr trust() const EXCLUDES(mutex_);

  mutable Mutex mutex_;
  TrustPtr trust_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::auth
