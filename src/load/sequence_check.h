// Holds what one connection received against what was published: events are numbered from first to
// last without gaps, and each must come once, in order. Value type.
//
// A number that is skipped counts as missing; when it comes after all it is reordered. Up to
// kMaxGaps separate gaps are remembered; what belongs to a further one counts as missing and,
// should it come, as duplicated: either way the run has failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ordercast::load {

struct Faults {
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;

  [[nodiscard]] bool none() const { return lost + duplicated + reordered == 0; }
  Faults& operator+=(const Faults& other);
  friend bool operator==(const Faults&, const Faults&) = default;
};

class SequenceCheck {
 public:
  enum class Verdict { kNew, kLate, kDuplicate };

  // Begins with whatever comes first.
  SequenceCheck() = default;
  // `first` (above 0) is the number that must come first.
  explicit SequenceCheck(std::uint64_t first) : next_(first) {}

  Verdict take(std::uint64_t seq);
  // What is wrong when `last` was the last one published.
  [[nodiscard]] Faults faults(std::uint64_t last) const;
  // The number that must come next; 0 when nothing has come and any may.
  [[nodiscard]] std::uint64_t next() const { return next_; }

  static constexpr std::size_t kMaxGaps = 64;

 private:
  struct Gap {
    std::uint64_t begin;
    std::uint64_t end;  // behind it
  };
  [[nodiscard]] bool fill(std::uint64_t seq);

  std::uint64_t next_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t duplicated_ = 0;
  std::uint64_t reordered_ = 0;
  std::vector<Gap> gaps_;
};

}  // namespace ordercast::load
