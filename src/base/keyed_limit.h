// So many places at once for each key, as connections of an address. Thread-safe. Keeps nothing of
// a key that holds no place.
#pragma once

#include <cstddef>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "base/mutex.h"

namespace ordercast {

template <typename Key>
class KeyedLimit {
  using Counts = std::map<Key, std::size_t>;  // ordered: nobody chooses keys that collide

 public:
  // Held while it lives; an empty one holds nothing. The limit outlives it. Confined to one thread
  // at a time.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : limit_(std::exchange(other.limit_, nullptr)), entry_(other.entry_) {}
    Place& operator=(Place&& other) noexcept {
      if (this != &other) {
        leave();
        limit_ = std::exchange(other.limit_, nullptr);
        entry_ = other.entry_;
      }
      return *this;
    }
    ~Place() { leave(); }

   private:
    friend class KeyedLimit;
    Place(KeyedLimit& limit, typename Counts::iterator entry) : limit_(&limit), entry_(entry) {}
    void leave() {
      if (auto* limit = std::exchange(limit_, nullptr)) limit->leave(entry_);
    }

    KeyedLimit* limit_ = nullptr;
    typename Counts::iterator entry_{};
  };

  explicit KeyedLimit(std::size_t most) : most_(most) {}
  KeyedLimit(const KeyedLimit&) = delete;
  KeyedLimit& operator=(const KeyedLimit&) = delete;

  // For who enters from now on: who is in stays, also where that is more.
  void set_most(std::size_t most) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    most_ = most;
  }
  [[nodiscard]] std::size_t most() const EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return most_;
  }

  // nullopt when the key has as many as it may, or there is no memory for one more.
  [[nodiscard]] std::optional<Place> enter(const Key& key) noexcept EXCLUDES(mutex_) try {
    const MutexLock lock(mutex_);
    if (most_ == 0) return std::nullopt;
    const auto entry = counts_.try_emplace(key, 0).first;
    if (entry->second >= most_) return std::nullopt;
    ++entry->second;
    return Place(*this, entry);
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }

  // Keys that hold a place.
  [[nodiscard]] std::size_t keys() const EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return counts_.size();
  }

 private:
  void leave(typename Counts::iterator entry) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    if (--entry->second == 0) counts_.erase(entry);
  }

  mutable Mutex mutex_;
  std::size_t most_ GUARDED_BY(mutex_);
  Counts counts_ GUARDED_BY(mutex_);
};

}  // namespace ordercast
