// For which tenant the calling thread works, while one of these lives: a connection's thread serves
// one client, and whatever it asks of the database, by whichever way, is on his tenant's account
// (pg/connection_pool.h). A property of the thread, as the kernel accounts I/O, so that no path to
// the database can forget to name it. Confined to its thread; they nest.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace ordercast {

class OnBehalfOf {
 public:
  // None: of nobody in particular.
  explicit OnBehalfOf(const std::optional<std::string>& tenant)
      : outer_(std::exchange(current_, tenant.value_or(std::string()))) {}
  ~OnBehalfOf() { current_ = std::move(outer_); }
  OnBehalfOf(const OnBehalfOf&) = delete;
  OnBehalfOf& operator=(const OnBehalfOf&) = delete;

  // Empty: nobody.
  [[nodiscard]] static const std::string& tenant() { return current_; }

 private:
  static inline thread_local std::string current_;
  std::string outer_;
};

}  // namespace ordercast
