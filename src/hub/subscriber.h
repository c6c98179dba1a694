// One open connection's place in the log. Confined to the connection's thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/cursor.h"
#include "core/view.h"
#include "hub/hub.h"
#include "hub/page.h"

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
  [[nodiscard]] Cursor cursor() const { return {epoch_, position_}; }

  // Sends the stream's present rows to `page`, and continues right after them. Stops when `page`
  // returns false. Throws HistoryUnavailable.
  void read_rows(const std::function<bool(std::vector<SnapshotRow>)>& page);

  struct Delivery {
    enum class Kind {
      kFrames,
      kIdle,  // nothing to send until the deadline; cursor() may have moved
      // What was told of the rows is void: `reason`. Continues at cursor(); with OnReset::kStop its
      // owner calls read_rows() now.
      kReset,
      kStatus,  // the database went up or down: `reason`
      kClosed,  // the hub closes or drains, or the stream is no longer there
    };
    Kind kind;
    Frames frames = nullptr;       // never null or empty with kFrames
    std::string_view reason = {};  // valid until the next call
  };
  // Blocks until there is something to send or the deadline has passed.
  [[nodiscard]] Delivery next(Time deadline);

 private:
  friend class Hub;
  Subscriber(Hub& hub, ViewPtr view, Hub::OnReset on_reset, std::uint64_t history_number,
             Cursor head, std::optional<Position> resume, std::string_view refused);

  // What next() found under the hub's lock.
  struct Step {
    PagePtr page;                      // take this page, or
    std::optional<Delivery> delivery;  // return this, or (neither) read the history
  };
  [[nodiscard]] Step step(Time deadline);
  [[nodiscard]] std::optional<Delivery> news() REQUIRES(hub_.mutex_);
  [[nodiscard]] bool has_ended() REQUIRES(hub_.mutex_);
  // True when the reader stands at a page of the backlog, or at its end.
  [[nodiscard]] bool join() REQUIRES(hub_.mutex_);
  // Frames (perhaps none) or a reset.
  [[nodiscard]] Delivery take(Page& page);
  [[nodiscard]] Delivery read_history();
  // The reset that `page` holds, when it is one to stop at.
  [[nodiscard]] std::optional<Delivery> reset_in(const Page& page) const;
  [[nodiscard]] Delivery reset_to_head(std::string reason);
  void stand_at(Position position);

  Hub& hub_;
  const ViewPtr view_;
  const Hub::OnReset on_reset_;
  std::uint64_t history_number_;
  Epoch epoch_;
  Position position_;
  bool resumed_;
  std::string refused_;

  // Read already, and not yet delivered: where history begins can move on meanwhile.
  PagePtr first_page_;
  // The next page to take; none while the backlog does not reach back to the reader.
  std::optional<std::uint64_t> ordinal_;
  // Stands exactly at the end of the page before: the shared frames are the right ones.
  bool aligned_ = false;
  // PostgreSQL itself gave us this position: it may be ahead of the backlog, but it is real.
  bool verified_ = false;
  // The database could not be read: not to be asked again before.
  std::optional<Time> retry_at_;
  // Its turn to leave a hub that drains.
  std::optional<Time> leaves_at_;
  bool database_up_ = true;  // as the client knows it
  std::string reason_;
};

}  // namespace ordercast::hub
