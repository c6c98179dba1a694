#include "hub/subscriber.h"

#include <algorithm>
#include <utility>

namespace ordercast::hub {
namespace {

// How soon a reader that lags asks a database again that did not answer.
constexpr std::chrono::seconds kHistoryRetry{1};

}  // namespace

Subscriber::Subscriber(Hub& hub, CatalogPtr catalog, ViewPtr view, Hub::OnReset on_reset,
                       std::uint64_t history_number, Cursor head, std::optional<Position> resume,
                       std::string_view refused)
    : hub_(hub),
      view_(std::move(view)),
      catalog_(std::move(catalog)),
      on_reset_(on_reset),
      history_number_(history_number),
      epoch_(head.epoch),
      resumed_(resume.has_value()),
      refused_(refused),
      mark_(resume ? std::move(*resume) : std::move(head.position)),
      stay_{.seat = seat_, .view = view_} {
  hub_.endings_.add(stay_);
  ++hub_.subscribers_;
}

Subscriber::~Subscriber() {
  MutexLock lock(hub_.mutex_);
  hub_.endings_.remove(stay_);
  --hub_.subscribers_;
}

bool Subscriber::send_rows(const RowQuery& query, const RowSink& sink) {
  try {
    auto after = hub_.present_rows_.send(
        {.epoch = epoch_, .view = view_, .query = query, .at_least = rows_since_},
        hub_.status().head.position, sink);
    if (!after) return false;
    stand_at(*std::move(after), Bookmark::Source::kVerified);
  } catch (const HistoryUnavailable&) {
    retry_at_ = std::chrono::steady_clock::now() + kHistoryRetry;
    throw;
  }
  return true;
}

Subscriber::Delivery Subscriber::wait_for_database(Time deadline) {
  MutexLock lock(hub_.mutex_);
  for (;;) {
    if (auto delivery = end()) return *std::move(delivery);
    // There are no rows yet that it would make void.
    static_cast<void>(enter_new_history());
    const auto now = std::chrono::steady_clock::now();
    if (hub_.database_up_ && (!retry_at_ || now >= *retry_at_)) {
      retry_at_.reset();
      return {.kind = Delivery::Kind::kStatus, .reason = "up"};
    }
    // A database that is away says itself when it is back.
    if (!wait(deadline, hub_.database_up_ ? retry_at_ : std::nullopt)) {
      return {.kind = Delivery::Kind::kIdle};
    }
  }
}

void Subscriber::end_at(std::optional<Position> bound) {
  auto head = hub_.history_.read_head(epoch_);
  // Nothing can be waited for that is not there yet.
  const auto& from = mark_.position();
  const Batch all{.from = from, .now = head.seen, .complete = true, .changes = {}};
  bound_.emplace(bound && all.reaches(*bound) ? std::move(*bound) : std::move(head), from);
}

void Subscriber::obey(GrantPtr grant) {
  // Both clocks at one moment: what is set on the wall clock later moves no end.
  const auto now = std::chrono::steady_clock::now();
  const auto wall = std::chrono::system_clock::now();
  MutexLock lock(hub_.mutex_);
  stay_.grant = std::move(grant);
  if (const auto expires = stay_.grant->expires_at) {
    hub_.end_by(stay_, now + (*expires - wall), kTokenExpired);
  }
  if (hub_.revocations_->cover(*stay_.grant)) hub_.end_by(stay_, now, kTokenRevoked);
  if (hub_.sign_outs_.cover(*stay_.grant)) hub_.end_by(stay_, now, kSignedOut);
}

void Subscriber::end_by(Time at, std::string_view reason) {
  MutexLock lock(hub_.mutex_);
  hub_.end_by(stay_, at, reason);
}

std::optional<Subscriber::Delivery> Subscriber::over() {
  MutexLock lock(hub_.mutex_);
  return end();
}

Subscriber::Delivery Subscriber::next(Time deadline) {
  auto silent_since = std::chrono::steady_clock::now();
  for (;;) {
    Step found = step(deadline);
    try {
      auto delivery = act_on(found);
      const bool nothing = !delivery || (delivery->kind == Delivery::Kind::kFrames &&
                                         (!delivery->frames || delivery->frames->empty()));
      if (!nothing) return *std::move(delivery);
      // While it sits, the fan-out beats.
      const auto now = std::chrono::steady_clock::now();
      if (found.kind == Step::Kind::kSitDown) silent_since = now;
      if (now - silent_since >= hub_.heartbeat()) return {.kind = Delivery::Kind::kIdle};
    } catch (const HistoryLost& lost) {
      return reset_to_head(lost.what());
    } catch (const HistoryUnavailable&) {
      retry_at_ = std::chrono::steady_clock::now() + kHistoryRetry;
    }
  }
}

std::optional<Subscriber::Delivery> Subscriber::act_on(Step& found) {
  switch (found.kind) {
    case Step::Kind::kTake:
      return take(*found.page);
    case Step::Kind::kReadHistory:
      return read_history();
    case Step::Kind::kSitDown:
      return sit();
    case Step::Kind::kReturn:
      break;
  }
  return std::move(found.delivery);
}

Subscriber::Step Subscriber::step(Time deadline) {
  MutexLock lock(hub_.mutex_);
  for (;;) {
    if (auto delivery = news()) return {.kind = Step::Kind::kReturn, .delivery = delivery};
    if (bound_ && bound_->reached()) {
      return {.kind = Step::Kind::kReturn, .delivery = Delivery{.kind = Delivery::Kind::kEnd}};
    }
    if (first_page_) return {.kind = Step::Kind::kReadHistory};
    if (!bound_ && mark_.join(hub_.backlog_)) {
      retry_at_.reset();  // no need of the database any more
      if (auto page = mark_.next_page(hub_.backlog_)) {
        return {.kind = Step::Kind::kTake, .page = std::move(page)};
      }
      if (mark_.catch_up(hub_.backlog_)) {
        if (std::exchange(tells_caught_up_, false)) {
          return {.kind = Step::Kind::kReturn, .delivery = Delivery{.kind = Delivery::Kind::kIdle}};
        }
        if (outlet_) return enter(), Step{.kind = Step::Kind::kSitDown};
      }
    } else if (!retry_at_ || std::chrono::steady_clock::now() >= *retry_at_) {
      retry_at_.reset();
      return {.kind = Step::Kind::kReadHistory};
    }
    if (!wait(deadline, retry_at_)) {
      return {.kind = Step::Kind::kReturn, .delivery = Delivery{.kind = Delivery::Kind::kIdle}};
    }
  }
}

bool Subscriber::wait(Time deadline, std::optional<Time> retry_at) {
  Time until = deadline;
  for (const auto& earlier : {retry_at, stay_.at}) {
    if (earlier) until = std::min(until, *earlier);
  }
  return hub_.changed_.wait_until(hub_.mutex_, until) || until != deadline;
}

void Subscriber::enter() {
  leaving_ = {{seat_, view_}};
  const FanOut::Member member{*outlet_, on_reset_ == Hub::OnReset::kStop, seat_};
  hub_.entrants_.push_back({member, view_, mark_.place()});
  ++hub_.caught_up_;
  if (resumed_ && !std::exchange(was_live_, true)) {
    hub_.traffic_.replay.observe(std::chrono::steady_clock::now() - since_);
  }
  hub_.for_fan_out_.notify_all();
}

std::optional<Subscriber::Delivery> Subscriber::sit() {
  auto end = seat_->wait();
  if (!end) {
    hub_.release(leaving_);
    end = seat_->wait_for_end();
  }
  --hub_.caught_up_;
  sent_ += end->sent;
  if (seat_->hung_up()) return Delivery{.kind = Delivery::Kind::kHungUp};
  mark_.come_back(std::move(end->next));
  if (end->withheld) return Delivery{.kind = Delivery::Kind::kWithheld};
  if (!end->rest) return std::nullopt;
  return Delivery{.kind = Delivery::Kind::kRest, .frames = end->rest, .taken = end->taken};
}

std::optional<Subscriber::Delivery> Subscriber::news() {
  using Kind = Delivery::Kind;
  if (auto delivery = end()) return delivery;
  if (enter_new_history()) return Delivery{.kind = Kind::kReset, .reason = reason_};
  if (database_up_ != hub_.database_up_) {
    database_up_ = hub_.database_up_;
    reason_ = database_up_ ? "up" : "down";
    return Delivery{.kind = Kind::kStatus, .reason = reason_};
  }
  return std::nullopt;
}

bool Subscriber::enter_new_history() {
  if (history_number_ == hub_.history_number_) return false;
  history_number_ = hub_.history_number_;
  epoch_ = hub_.backlog_.epoch();
  reason_ = hub_.history_reason_;
  stand_at_head();
  return true;
}

std::optional<Subscriber::Delivery> Subscriber::end() {
  using Kind = Delivery::Kind;
  if (hub_.departures_ && !departs_) {
    departs_ = true;
    hub_.end_by(stay_, hub_.departures_->next(), kDrain);
  }
  if (hub_.closed_) {
    return Delivery{.kind = Kind::kClosed, .reason = hub_.departures_ ? kDrain : "shutdown"};
  }
  if (!view_stands()) return Delivery{.kind = Kind::kClosed, .reason = "stream_changed"};
  if (!stay_.over(std::chrono::steady_clock::now())) return std::nullopt;
  return Delivery{.kind = stay_.reason == kDrain ? Kind::kClosed : Kind::kEnded,
                  .reason = stay_.reason};
}

bool Subscriber::view_stands() {
  if (catalog_ == hub_.catalog_) return true;
  const auto before = catalog_->find(view_->stream());
  const auto now = hub_.catalog_->find(view_->stream());
  if (now == hub_.catalog_->end()) return false;
  const bool same = before != catalog_->end() && before->second.columns == now->second.columns &&
                    before->second.tenant == now->second.tenant &&
                    before->second.tenant_since == now->second.tenant_since;
  // A whole row is whatever it is, unless some of its columns are not to be seen any more; a
  // filter, columns or a tenant must be read anew.
  if (!same && (!view_->whole() || now->second.columns_chosen)) return false;
  catalog_ = hub_.catalog_;
  return true;
}

Subscriber::Delivery Subscriber::take(Page& page) {
  using Kind = Delivery::Kind;
  if (mark_.has_had(page.batch())) return {.kind = Kind::kFrames};
  if (auto reset = reset_in(page)) return *std::move(reset);
  return {.kind = Kind::kFrames, .frames = mark_.take(page, view_)};
}

Subscriber::Delivery Subscriber::read_history() {
  if (bound_) return read_to_bound();
  const PagePtr page = first_page_ ? std::exchange(first_page_, nullptr)
                                   : hub_.history_.read_after(epoch_, mark_.position());
  if (auto reset = reset_in(*page)) return *std::move(reset);
  mark_.read_to(page->batch().end());
  return {.kind = Delivery::Kind::kFrames, .frames = page->frames(view_)};
}

Subscriber::Delivery Subscriber::read_to_bound() {
  const PagePtr all = first_page_ ? std::exchange(first_page_, nullptr)
                                  : hub_.history_.read_after(epoch_, mark_.position());
  const PagePtr page = hub_.history_.up_to(all, epoch_, bound_->at());
  if (auto reset = reset_in(*page)) return *std::move(reset);
  mark_.read_to(all->batch().end());
  bound_->advance(all->batch(), page->batch());
  return {.kind = Delivery::Kind::kFrames, .frames = page->frames(view_)};
}

std::optional<Subscriber::Delivery> Subscriber::reset_in(const Page& page) {
  if (on_reset_ == Hub::OnReset::kTell) return std::nullopt;
  const auto reason = view_->reset_in(page.parsed(), mark_.position());
  if (reason.empty()) return std::nullopt;
  rows_since_ = page.batch().now;
  return Delivery{.kind = Delivery::Kind::kReset, .reason = reason};
}

Subscriber::Delivery Subscriber::reset_to_head(std::string reason) {
  reason_ = std::move(reason);
  MutexLock lock(hub_.mutex_);
  stand_at_head();
  return {.kind = Delivery::Kind::kReset, .reason = reason_};
}

void Subscriber::stand_at_head() {
  // There is no way any more to where it was to end.
  if (bound_) bound_.emplace(hub_.backlog_.head(), hub_.backlog_.head());
  stand_at(hub_.backlog_.head(), Bookmark::Source::kClient);
}

void Subscriber::stand_at(Position position, Bookmark::Source source) {
  if (bound_) bound_->stand_at(position);
  first_page_.reset();
  mark_.move_to(std::move(position), source);
}

}  // namespace ordercast::hub
