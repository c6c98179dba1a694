// One open connection's place in the log. Confined to the connection's thread, but for hang_up().
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/cursor.h"
#include "core/grant.h"
#include "core/view.h"
#include "hub/bookmark.h"
#include "hub/bound.h"
#include "hub/hub.h"
#include "hub/page.h"
#include "hub/seat.h"

namespace ordercast::hub {

class Subscriber {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `hub` outlives the subscriber.
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // It continues where the client left off.
  [[nodiscard]] bool resumed() const { return resumed_; }
  // Why it cannot, when the client asked for it: a word of `reset`; else empty.
  [[nodiscard]] std::string_view refused() const { return refused_; }
  // Where the reader stands.
  [[nodiscard]] Cursor cursor() const {
    return {epoch_, bound_ ? bound_->told() : mark_.position()};
  }
  [[nodiscard]] const View& view() const { return *view_; }

  // Sends the present rows that the view shows, and continues right after them. They are read once
  // for all who ask for the same (present_rows.h). `query` has the view's filter. False when the
  // client is gone. Throws HistoryUnavailable.
  [[nodiscard]] bool send_rows(const RowQuery& query, const RowSink& sink);

  // It ends with what was committed before this call, or at `bound` when that is earlier: then
  // next() says kEnd; also after a reset that leaves no way there. It reads the log itself and is
  // never attached. Throws HistoryUnavailable.
  void end_at(std::optional<Position> bound);

  // It ends when the grant does, and when its token is revoked or its session ends: then next()
  // says kEnded.
  void obey(GrantPtr grant) EXCLUDES(hub_.mutex_);
  // It ends then at the latest; `reason` is static.
  void end_by(Time at, std::string_view reason) EXCLUDES(hub_.mutex_);

  // From now on the fan-out writes to `outlet` itself whenever the reader has caught up, also the
  // heartbeats; next() then returns only when this thread is needed.
  void attach(const Outlet& outlet) { outlet_ = outlet; }
  // Also when it is attached, next() says kIdle once, as soon as all that is committed was sent.
  void tell_when_caught_up() { tells_caught_up_ = true; }
  // The client is gone: next() says so. From any thread.
  void hang_up() { seat_->hang_up(); }

  // What the fan-out has sent the client so far, but for what it left to this thread.
  [[nodiscard]] Sent sent() const { return sent_; }

  struct Delivery {
    enum class Kind {
      kFrames,
      kRest,  // the fan-out has sent `taken` bytes of `frames` only
      // Nothing to send until the deadline, or as tell_when_caught_up() says; or, of a long
      // history, nothing for this view in as long as a heartbeat, and more to look through.
      // cursor() may have moved.
      kIdle,
      // What was told of the rows is void: `reason`. Continues at cursor(); with OnReset::kStop its
      // owner calls send_rows() now.
      kReset,
      kStatus,  // the database went up or down: `reason`
      // The hub closes or drains; the stream is no longer there, or has other columns: `reason` is
      // a word of Traffic::closed.
      kClosed,
      kHungUp,    // see hang_up()
      kEnd,       // see end_at()
      kEnded,     // see obey() and end_by(): `reason`
      kWithheld,  // what comes next is another tenant's: it must not be sent, and the stream ends
    };
    Kind kind;
    FramesPtr frames = nullptr;  // never null or empty with kFrames and kRest
    std::size_t taken = 0;
    std::string_view reason = {};  // valid until the next call
  };
  // Blocks until there is something to do for this thread, or the deadline has passed; with an
  // outlet there is no deadline while the fan-out writes.
  [[nodiscard]] Delivery next(Time deadline);

  // For an owner that wants to send_rows(): blocks until the database is there (kStatus), the
  // deadline has passed (kIdle), or it has to end (kClosed, kEnded). When send_rows() has just
  // thrown the database is asked again after a while only.
  [[nodiscard]] Delivery wait_for_database(Time deadline) EXCLUDES(hub_.mutex_);
  // For an owner that sends rows: what next() would say when it has to end now (kClosed, kEnded);
  // none: it has not. Never blocks.
  [[nodiscard]] std::optional<Delivery> over() EXCLUDES(hub_.mutex_);

 private:
  friend class Hub;
  Subscriber(Hub& hub, CatalogPtr catalog, ViewPtr view, Hub::OnReset on_reset,
             std::uint64_t history_number, Cursor head, std::optional<Position> resume,
             std::string_view refused) REQUIRES(hub.mutex_);

  // What next() found under the hub's lock, one of:
  struct Step {
    enum class Kind { kTake, kReturn, kReadHistory, kSitDown };
    Kind kind;
    PagePtr page = nullptr;                           // kTake
    std::optional<Delivery> delivery = std::nullopt;  // kReturn
  };
  [[nodiscard]] Step step(Time deadline);
  [[nodiscard]] std::optional<Delivery> act_on(Step& found);
  // Until something may have changed, at `retry_at` or at the end of the stay at the latest. False
  // when the deadline has passed instead.
  [[nodiscard]] bool wait(Time deadline, std::optional<Time> retry_at) REQUIRES(hub_.mutex_);
  // Leaves the socket to the fan-out, until this thread is needed.
  void enter() REQUIRES(hub_.mutex_);
  [[nodiscard]] std::optional<Delivery> sit();
  [[nodiscard]] std::optional<Delivery> news() REQUIRES(hub_.mutex_);
  // Goes to the head of a history that has begun since; false when there is none.
  [[nodiscard]] bool enter_new_history() REQUIRES(hub_.mutex_);
  // What there is to say when it must end now.
  [[nodiscard]] std::optional<Delivery> end() REQUIRES(hub_.mutex_);
  // The view is what it was made for.
  [[nodiscard]] bool view_stands() REQUIRES(hub_.mutex_);
  // Frames (perhaps none) or a reset.
  [[nodiscard]] Delivery take(Page& page);
  [[nodiscard]] Delivery read_history();
  // The same up to the bound.
  [[nodiscard]] Delivery read_to_bound();
  // The reset that `page` holds, when it is one to stop at.
  [[nodiscard]] std::optional<Delivery> reset_in(const Page& page);
  [[nodiscard]] Delivery reset_to_head(std::string reason);
  void stand_at(Position position, Bookmark::Source source);
  // After a reset.
  void stand_at_head() REQUIRES(hub_.mutex_);

  Hub& hub_;
  const ViewPtr view_;
  CatalogPtr catalog_;  // that the view was made for
  const Hub::OnReset on_reset_;
  std::uint64_t history_number_;
  Epoch epoch_;
  bool resumed_;
  std::string refused_;
  Bookmark mark_;

  // Read already, and not yet delivered: where history begins can move on meanwhile.
  PagePtr first_page_;
  const SeatPtr seat_ = std::make_shared<Seat>();
  // One, for when the client hangs up: while the fan-out has the socket this thread must be able to
  // get it back, also when there is no memory.
  std::list<FanOut::Leaver> leaving_;
  std::optional<Outlet> outlet_;
  bool tells_caught_up_ = false;
  Sent sent_;
  const Time since_ = std::chrono::steady_clock::now();
  bool was_live_ = false;  // it has caught up once
  // The database could not be read: not to be asked again before.
  std::optional<Time> retry_at_;
  // When it has to end. The hub looks after it, too.
  Endings::Stay stay_ GUARDED_BY(hub_.mutex_);
  bool departs_ = false;        // from a hub that drains: its turn is known
  std::optional<Bound> bound_;  // of one that ends
  bool database_up_ = true;     // as the client knows it
  // Rows of before would be void again: the reset that it was told of is after them.
  std::optional<Snapshot> rows_since_;
  std::string reason_;
};

}  // namespace ordercast::hub
