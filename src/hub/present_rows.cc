#include "hub/present_rows.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace ordercast::hub {
namespace {

// One place among the sharers.
class Membership {
 public:
  explicit Membership(RowShare& share) : share_(share) {}
  ~Membership() { leave(); }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  void leave() {
    if (!std::exchange(left_, true)) share_.leave();
  }
  [[nodiscard]] bool left() const { return left_; }

 private:
  RowShare& share_;
  bool left_ = false;
};

}  // namespace

std::optional<Position> PresentRows::send(const Wish& wish, const Position& head,
                                          const RowSink& sink) {
  const auto [share, first] = join(wish, head);
  if (first) return read(wish, share, sink) ? share->send_to(sink) : std::nullopt;
  const Membership membership(*share);
  return share->send_to(sink);
}

PresentRows::Joined PresentRows::join(const Wish& wish, const Position& head) {
  RowSharePtr refused;
  for (;;) {
    auto found = find_or_add(wish, head, refused);
    if (found.first || found.share->join(wish.at_least)) return found;
    refused = std::move(found.share);
  }
}

PresentRows::Joined PresentRows::find_or_add(const Wish& wish, const Position& head,
                                             const RowSharePtr& refused) {
  MutexLock lock(mutex_);
  forget_stale(std::chrono::steady_clock::now());
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.epoch == wish.epoch && entry.view == wish.view &&
           entry.order == wish.query.order.canonical() && entry.limit == wish.query.limit;
  });
  if (found != entries_.end()) {
    if (found->share != refused) return {found->share, false};
    entries_.erase(found);  // whoever shares it goes on
  }
  entries_.push_front({.epoch = wish.epoch,
                       .view = wish.view,
                       .order = wish.query.order.canonical(),
                       .limit = wish.query.limit,
                       .share = std::make_shared<RowShare>(head.seen, wish.view->format()),
                       .until = std::nullopt});
  return {entries_.front().share, true};
}

bool PresentRows::read(const Wish& wish, const RowSharePtr& share, const RowSink& sink) {
  const auto began = std::chrono::steady_clock::now();
  // The reader's place is its own client's: without it, it reads for the others.
  Membership membership(*share);
  try {
    auto position =
        history_.read_rows(wish.epoch, wish.query, [&](const std::vector<SnapshotRow>& rows) {
          if (!membership.left() && sink.gone()) membership.leave();
          View::Told told;
          for (const auto& row : rows) wish.view->append_row(told, row);
          return share->append(told);
        });
    share->end(std::move(position));
  } catch (...) {
    share->fail(std::current_exception());
  }
  keep_or_forget(share, began + fresh_);
  return !membership.left();
}

void PresentRows::keep_or_forget(const RowSharePtr& share, Time until) {
  const bool keep = share->worth_keeping();
  MutexLock lock(mutex_);
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& each) { return each.share == share; });
  if (entry == entries_.end()) return;
  if (keep) {
    entry->until = until;
  } else {
    entries_.erase(entry);
  }
  forget_stale(std::chrono::steady_clock::now());
}

void PresentRows::forget_stale(Time now) {
  std::size_t kept = 0;
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.until && (*entry.until <= now || ++kept > kMostKept);
  });
}

}  // namespace ordercast::hub
