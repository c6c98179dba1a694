#include "hub/history.h"

#include <algorithm>
#include <utility>

#include "core/on_behalf_of.h"

namespace ordercast::hub {

PagePtr History::read_after(const Epoch& epoch, const Position& from) {
  EntryPtr entry;
  {
    MutexLock lock(mutex_);
    entry = find(epoch, from);
    const bool somebody_reads = entry != nullptr;
    if (!somebody_reads) {
      entries_.push_front(
          std::make_shared<Entry>(Entry{epoch, from, OnBehalfOf::tenant(), nullptr, nullptr}));
      entry = entries_.front();
    }
    if (somebody_reads) {
      while (!entry->page && !entry->failure) filled_.wait(mutex_);
      // A crowd must not knock one after another at a database that has just failed the first.
      if (entry->failure) std::rethrow_exception(entry->failure);
      return entry->page;
    }
  }
  try {
    auto batch = std::make_shared<const Batch>(reader_.read_after(epoch, from));
    auto page = std::make_shared<Page>(std::move(batch), epoch, memory_);
    fill(entry, page, nullptr);
    return page;
  } catch (...) {
    fill(entry, nullptr, std::current_exception());
    throw;
  }
}

PagePtr History::read_earliest(const Epoch& epoch) {
  return std::make_shared<Page>(std::make_shared<const Batch>(reader_.read_earliest(epoch)), epoch,
                                memory_);
}

PagePtr History::up_to(const PagePtr& page, const Epoch& epoch, const Position& bound) {
  return std::make_shared<Page>(std::make_shared<const Batch>(page->batch().up_to(bound)), epoch,
                                memory_);
}

History::EntryPtr History::find(const Epoch& epoch, const Position& from) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const EntryPtr& entry) {
    const bool mine = entry->page || entry->tenant == OnBehalfOf::tenant();
    return entry->epoch == epoch && entry->from == from && mine;
  });
  return found == entries_.end() ? nullptr : *found;
}

void History::fill(const EntryPtr& entry, PagePtr page, std::exception_ptr failure) {
  MutexLock lock(mutex_);
  // An empty page leads nowhere: whoever asks next shall see what has been committed since.
  const bool keep = page && !page->batch().changes.empty();
  entry->page = std::move(page);
  entry->failure = std::move(failure);
  if (!keep) entries_.remove(entry);
  forget_oldest();
  filled_.notify_all();
}

void History::forget_oldest() {
  for (auto entry = entries_.end(); memory_ > max_bytes_ && entry != entries_.begin();) {
    --entry;
    if ((*entry)->page) entry = entries_.erase(entry);
  }
}

}  // namespace ordercast::hub
