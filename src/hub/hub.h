// Fans the pages that the listener reads out to the subscribers. Thread-safe.
//
// Who has caught up is written to directly by the fan-out thread (fan_out.h); who has not pulls, on
// its own thread, from the backlog that all share, and from the HistoryReader when that does not
// reach back far enough. There is no queue for a subscriber, so a slow one costs nothing and delays
// nobody. The hub's mutex is never held while a page encodes, a history is read or a socket
// written.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "core/change_sink.h"
#include "core/cursor.h"
#include "core/history_reader.h"
#include "core/view.h"
#include "hub/backlog.h"
#include "hub/departures.h"
#include "hub/endings.h"
#include "hub/fan_out.h"
#include "hub/history.h"
#include "hub/present_rows.h"
#include "hub/sign_outs.h"

namespace ordercast::hub {

struct HubOptions {
  // Enough for about 20,000 changes of 1 kB and their encodings: a reconnect storm resumes from
  // memory.
  std::size_t backlog_bytes = std::size_t{32} << 20;
  // Of pages read for those who lag or resume: a dozen or two of 1,000 changes. With the backlog's
  // it is most of what a transaction of any size takes: below 64 MiB.
  std::size_t history_bytes = std::size_t{16} << 20;
  // How long a stream may be silent. Below the idle time-outs of proxies: nginx and AWS 60 s,
  // Cloudflare 100 s.
  std::chrono::milliseconds heartbeat{15'000};
};

class Subscriber;

class Hub : public ChangeSink {
 public:
  // `history` outlives the hub.
  Hub(HistoryReader& history, HubOptions options);
  // No subscriber is left.
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // ChangeSink, for the listener thread. publish() waits while the fan-out is kMostPending pages
  // behind: the log does not run away, and what it holds meanwhile comes in fewer, larger pages.
  void start(const Epoch& epoch, const Position& position, std::string_view reason) override;
  void publish(BatchPtr page) override;
  void set_catalog(CatalogPtr catalog) override;
  void set_database_up(bool up) override;
  // Ends the streams of those tokens.
  void set_revocations(RevocationsPtr revoked) override;

  // Ends the streams that the session opened, with its cookie or with a ticket of it; also those
  // that were admitted, and begin only now. `session` is Grant::session, and not empty.
  void sign_out(const std::string& session) EXCLUDES(mutex_);

  struct Status {
    bool started = false;  // a history is known: streams can be served
    bool database_up = false;
    bool draining = false;  // whoever comes is to go elsewhere
    Cursor head;
    std::size_t backlog_bytes = 0;
    std::size_t subscribers = 0;
    std::size_t caught_up = 0;  // of these: the fan-out writes to them
    FanOut::Counters fan_out;
    FanOut::Time fan_out_last_round;
    std::uint64_t pending_pages = 0;  // that the fan-out has yet to send
    std::size_t views = 0;            // different ones, about: some may have been left
  };
  [[nodiscard]] Status status() const EXCLUDES(mutex_);
  // Never null; empty until the database was reached.
  [[nodiscard]] CatalogPtr catalog() const EXCLUDES(mutex_);
  // Never null.
  [[nodiscard]] RevocationsPtr revocations() const EXCLUDES(mutex_);

  // For whoever serves a stream to count in.
  [[nodiscard]] Traffic& traffic() const { return traffic_; }

  // What a subscriber does where the rows that it told of are void.
  enum class OnReset {
    kTell,  // a `reset` among the frames, and on
    kStop,  // Delivery::Kind::kReset: its owner reads the rows
  };
  // A reader of a view, from the head of the log or, with the text of a cursor, from there on;
  // "earliest" is read from the history. `spec` was made for a stream of `catalog`. Only after
  // status().started. Throws HistoryUnavailable.
  [[nodiscard]] std::unique_ptr<Subscriber> subscribe(const CatalogPtr& catalog, ViewSpec spec,
                                                      std::optional<std::string_view> last_event_id,
                                                      OnReset on_reset = OnReset::kTell)
      EXCLUDES(mutex_);

  // Ends the subscribers one by one, evenly spread over `window` from now on: their next() says
  // closed. Until then each is served as ever.
  void drain(std::chrono::milliseconds window) EXCLUDES(mutex_);
  // Ends all subscribers at once.
  void close() EXCLUDES(mutex_);

  [[nodiscard]] std::chrono::milliseconds heartbeat() const { return heartbeat_; }

 private:
  friend class Subscriber;
  static constexpr std::uint64_t kMostPending = 16;
  // So many views that nobody sees any more may stay in the table.
  static constexpr std::size_t kFewViews = 64;

  // For the fan-out thread.
  [[nodiscard]] std::optional<FanOut::Round> next_round(FanOut::Time until) EXCLUDES(mutex_);
  // Ends the stay of one who sits. Takes no memory, and never fails.
  void release(std::list<FanOut::Leaver>& leaver) EXCLUDES(mutex_);
  // All threads, of subscribers and of the fan-out, have something to look at.
  void announce() REQUIRES(mutex_);
  void turn_out_all() REQUIRES(mutex_);
  void end_by(Endings::Stay& stay, Endings::Time at, std::string_view reason) REQUIRES(mutex_);
  void end_now(const std::function<bool(const Grant&)>& which, std::string_view reason)
      REQUIRES(mutex_);

  [[nodiscard]] std::unique_ptr<Subscriber> subscribe_earliest(const CatalogPtr& catalog,
                                                               ViewSpec spec, OnReset on_reset)
      EXCLUDES(mutex_);
  // One object for all who see the same.
  [[nodiscard]] ViewPtr view_of(const CatalogPtr& catalog, ViewSpec spec) REQUIRES(mutex_);

  const std::chrono::milliseconds heartbeat_;
  mutable Traffic traffic_;
  History history_;
  PresentRows present_rows_;

  mutable Mutex mutex_;
  CondVar changed_;      // any of the below, for subscribers that pull
  CondVar for_fan_out_;  // there is something for the next round
  CondVar taken_;        // by the fan-out: pages
  Backlog backlog_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::weak_ptr<const View>> views_ GUARDED_BY(mutex_);
  std::size_t sweep_views_at_ GUARDED_BY(mutex_) = kFewViews;
  CatalogPtr catalog_ GUARDED_BY(mutex_) = std::make_shared<Catalog>();
  bool started_ GUARDED_BY(mutex_) = false;
  std::uint64_t history_number_ GUARDED_BY(mutex_) = 0;  // counts start()
  std::string history_reason_ GUARDED_BY(mutex_);
  bool database_up_ GUARDED_BY(mutex_) = false;
  Endings endings_ GUARDED_BY(mutex_);  // of all subscribers
  RevocationsPtr revocations_ GUARDED_BY(mutex_) = std::make_shared<const Revocations>();
  SignOuts sign_outs_ GUARDED_BY(mutex_);
  std::optional<Departures> departures_ GUARDED_BY(mutex_);  // while it drains
  bool closed_ GUARDED_BY(mutex_) = false;
  std::size_t subscribers_ GUARDED_BY(mutex_) = 0;
  std::atomic<std::size_t> caught_up_ = 0;
  std::vector<FanOut::Entrant> entrants_ GUARDED_BY(mutex_);  // since the last round
  std::list<FanOut::Leaver> leavers_ GUARDED_BY(mutex_);
  std::vector<FanOut::Entrant> turned_out_
      GUARDED_BY(mutex_);                            // entrants that were overtaken by news
  bool turn_out_all_ GUARDED_BY(mutex_) = false;     // in the next round
  std::uint64_t fan_out_at_ GUARDED_BY(mutex_) = 0;  // the first page that it has not taken
  bool ending_ GUARDED_BY(mutex_) = false;

  FanOut fan_out_;  // the last: its thread uses all of the above
};

}  // namespace ordercast::hub
