#include "hub/hub.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/change_event.h"
#include "hub/subscriber.h"

namespace ordercast::hub {

namespace {

// What one send offers a client at most, about: more would only be kept for those who cannot take
// it.
constexpr std::size_t kRoundBytes = std::size_t{256} << 10;

void count(const Batch& page, Tally& read) {
  std::map<std::string_view, std::uint64_t> counts;
  for (const auto& change : page.changes) ++counts[op_name(change.op)];
  for (const auto& [op, number] : counts) read.add(op, number);
}

}  // namespace

Hub::Hub(HistoryReader& history, HubOptions options)
    : heartbeat_(options.heartbeat),
      history_(history, options.history_bytes),
      present_rows_(history_),
      backlog_(options.backlog_bytes),
      fan_out_([this](FanOut::Time until) { return next_round(until); }, options.heartbeat,
               traffic_) {}

Hub::~Hub() {
  const MutexLock lock(mutex_);
  ending_ = true;
  for_fan_out_.notify_all();
}

void Hub::start(const Epoch& epoch, const Position& position, std::string_view reason) {
  std::string why(reason);
  MutexLock lock(mutex_);
  announce();  // first: should it fail, nothing has begun
  backlog_.start(epoch, position);
  history_reason_ = std::move(why);
  started_ = true;
  ++history_number_;
}

void Hub::publish(BatchPtr page) {
  count(*page, traffic_.read);
  MutexLock lock(mutex_);
  const bool empty = page->changes.empty();
  backlog_.append(std::move(page));
  // Also of an empty one: a reader that is ahead of the head waits for it to come up.
  changed_.notify_all();
  if (empty) return;
  for_fan_out_.notify_all();
  while (backlog_.end() >= fan_out_at_ + kMostPending && !closed_) taken_.wait(mutex_);
}

void Hub::turn_out_all() {
  turned_out_.reserve(turned_out_.size() + entrants_.size());  // none is lost halfway
  turn_out_all_ = true;
  std::move(entrants_.begin(), entrants_.end(), std::back_inserter(turned_out_));
  entrants_.clear();
}

void Hub::announce() {
  turn_out_all();
  changed_.notify_all();
  for_fan_out_.notify_all();
}

void Hub::set_catalog(CatalogPtr catalog) {
  MutexLock lock(mutex_);
  if (*catalog == *catalog_) return;
  announce();  // first: should it fail, the catalog is still news the next time
  catalog_ = std::move(catalog);
  views_.clear();  // what a filter means depends on its columns' types
}

void Hub::set_database_up(bool up) {
  MutexLock lock(mutex_);
  database_up_ = up;
  announce();
}

void Hub::set_revocations(RevocationsPtr revoked) {
  MutexLock lock(mutex_);
  if (*revoked == *revocations_) return;
  // First: should it fail, they are still news the next time.
  end_now([&](const Grant& grant) { return revoked->cover(grant); }, kTokenRevoked);
  revocations_ = std::move(revoked);
}

void Hub::sign_out(const std::string& session) {
  MutexLock lock(mutex_);
  sign_outs_.add(session, std::chrono::steady_clock::now());
  end_now([&](const Grant& grant) { return grant.session == session; }, kSignedOut);
}

void Hub::end_now(const std::function<bool(const Grant&)>& which, std::string_view reason) {
  if (!endings_.end_now(which, std::chrono::steady_clock::now(), reason)) return;
  changed_.notify_all();
  for_fan_out_.notify_all();
}

void Hub::end_by(Endings::Stay& stay, Endings::Time at, std::string_view reason) {
  endings_.end_by(stay, at, reason);
  if (endings_.next() == at) for_fan_out_.notify_all();
}

Hub::Status Hub::status() const {
  MutexLock lock(mutex_);
  return {.started = started_,
          .database_up = database_up_,
          .draining = departures_.has_value(),
          .head = {backlog_.epoch(), backlog_.head()},
          .backlog_bytes = backlog_.bytes(),
          .subscribers = subscribers_,
          .caught_up = caught_up_,
          .fan_out = fan_out_.counters(),
          .fan_out_last_round = fan_out_.last_round(),
          .pending_pages = backlog_.end() - std::min(fan_out_at_, backlog_.end()),
          .views = views_.size()};
}

CatalogPtr Hub::catalog() const {
  MutexLock lock(mutex_);
  return catalog_;
}

RevocationsPtr Hub::revocations() const {
  MutexLock lock(mutex_);
  return revocations_;
}

std::unique_ptr<Subscriber> Hub::subscribe(const CatalogPtr& catalog, ViewSpec spec,
                                           std::optional<std::string_view> last_event_id,
                                           OnReset on_reset) {
  if (last_event_id == kEarliest) return subscribe_earliest(catalog, std::move(spec), on_reset);
  std::optional<Cursor> cursor;
  if (last_event_id) cursor = Cursor::decode(*last_event_id);
  std::string_view refused = last_event_id && !cursor ? "bad_cursor" : "";

  MutexLock lock(mutex_);
  if (cursor && cursor->epoch != backlog_.epoch()) {
    refused = "epoch";
    cursor.reset();
  }
  return std::unique_ptr<Subscriber>(
      new Subscriber(*this, catalog, view_of(catalog, std::move(spec)), on_reset, history_number_,
                     {backlog_.epoch(), backlog_.head()},
                     cursor ? std::optional(std::move(cursor->position)) : std::nullopt, refused));
}

void Hub::drain(std::chrono::milliseconds window) {
  MutexLock lock(mutex_);
  departures_.emplace(std::chrono::steady_clock::now(), window, subscribers_);
  announce();
}

std::unique_ptr<Subscriber> Hub::subscribe_earliest(const CatalogPtr& catalog, ViewSpec spec,
                                                    OnReset on_reset) {
  // Should history begin again while we read, the subscriber finds that its number is an old one.
  std::uint64_t history_number = 0;
  Cursor cursor;
  {
    MutexLock lock(mutex_);
    history_number = history_number_;
    cursor.epoch = backlog_.epoch();
  }
  PagePtr first = history_.read_earliest(cursor.epoch);
  cursor.position = first->batch().from;

  MutexLock lock(mutex_);
  std::unique_ptr<Subscriber> subscriber(
      new Subscriber(*this, catalog, view_of(catalog, std::move(spec)), on_reset, history_number,
                     cursor, cursor.position, ""));
  subscriber->first_page_ = std::move(first);
  return subscriber;
}

void Hub::close() {
  MutexLock lock(mutex_);
  closed_ = true;
  announce();
  taken_.notify_all();
}

void Hub::release(std::list<FanOut::Leaver>& leaver) {
  MutexLock lock(mutex_);
  leavers_.splice(leavers_.end(), leaver);
  for_fan_out_.notify_all();
}

std::optional<FanOut::Round> Hub::next_round(FanOut::Time until) {
  MutexLock lock(mutex_);
  while (entrants_.empty() && leavers_.empty() && !turn_out_all_ && fan_out_at_ == backlog_.end() &&
         !ending_) {
    if (!for_fan_out_.wait_until(mutex_, std::min(until, endings_.next().value_or(until)))) break;
  }
  if (ending_) return std::nullopt;
  FanOut::Round round;
  // Pages may be gone before they were taken; the subscribers' threads know what to do then.
  if (fan_out_at_ < backlog_.begin()) turn_out_all();
  round.turn_out_all = std::exchange(turn_out_all_, false);
  round.turned_out = std::exchange(turned_out_, {});
  round.entrants = std::exchange(entrants_, {});
  round.leavers = endings_.take_due(std::chrono::steady_clock::now());
  std::move(leavers_.begin(), leavers_.end(), std::back_inserter(round.leavers));
  leavers_.clear();
  fan_out_at_ = std::max(fan_out_at_, backlog_.begin());
  round.begin = {fan_out_at_, fan_out_at_ < backlog_.end() ? backlog_.at(fan_out_at_)->batch().from
                                                           : backlog_.head()};
  for (std::size_t bytes = 0; fan_out_at_ < backlog_.end() && bytes < kRoundBytes; ++fan_out_at_) {
    round.pages.push_back(backlog_.at(fan_out_at_));
    bytes += round.pages.back()->bytes();
  }
  round.end = {backlog_.epoch(),
               fan_out_at_ < backlog_.end() ? round.pages.back()->batch().end() : backlog_.head()};
  taken_.notify_all();
  return round;
}

ViewPtr Hub::view_of(const CatalogPtr& catalog, ViewSpec spec) {
  if (catalog != catalog_) return std::make_shared<const View>(std::move(spec));
  if (views_.size() >= sweep_views_at_) {
    std::erase_if(views_, [](const auto& entry) { return entry.second.expired(); });
    sweep_views_at_ = std::max(kFewViews, 2 * views_.size());
  }
  auto& known = views_[spec.canonical()];
  ViewPtr view = known.lock();
  if (!view) known = view = std::make_shared<const View>(std::move(spec));
  return view;
}

}  // namespace ordercast::hub
