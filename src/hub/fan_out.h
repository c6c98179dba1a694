// Writes each page to the clients of all subscribers that have caught up: once encoded for each
// view, then one non-blocking send for each client, all pages that are pending in it. Whoever's
// socket does not take it all is left to its own thread, so nobody waits for anybody; so are those
// for whose view a page cannot be encoded.
//
// One thread of its own; what is below is confined to it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/thread.h"
#include "core/cursor.h"
#include "core/view_index.h"
#include "hub/outlet.h"
#include "hub/page.h"
#include "hub/seat.h"
#include "hub/traffic.h"

namespace ordercast::hub {

class FanOut {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A subscriber that has caught up.
  struct Member {
    Outlet outlet;
    bool stops_at_reset;  // its thread must see a reset, to send the rows after it
    SeatPtr seat;
    // What its group had been sent when it joined, less what it was sent before.
    Sent before{};
  };
  struct Entrant {
    Member member;
    ViewPtr view;
    Place place;  // where it stands
  };
  // One that wants to go.
  struct Leaver {
    SeatPtr seat;
    ViewPtr view;
  };
  // What there is to do next.
  struct Round {
    // Something has happened that the subscribers' threads must look after, as a new history. Only
    // then can members stand elsewhere than at `begin`.
    bool turn_out_all = false;
    std::vector<Entrant> turned_out;  // who entered before that happened
    std::vector<Entrant> entrants;
    std::vector<Leaver> leavers;
    Place begin;
    std::vector<PagePtr> pages;  // from there on
    Cursor end;                  // where those stand who have been sent them
  };
  // Since the beginning.
  struct Counters {
    std::uint64_t sends = 0;        // to clients: pages or heartbeats
    std::uint64_t short_sends = 0;  // those that the client's socket did not take whole
    Sent sent;                      // by those that it did
  };
  // Waits for something to do, until `until` at most; nullopt ends the thread.
  using Rounds = std::function<std::optional<Round>(Time until)>;

  // No client is left without a byte for longer than `heartbeat`.
  // `traffic` outlives it.
  FanOut(Rounds rounds, std::chrono::milliseconds heartbeat, Traffic& traffic);
  // Waits for the thread: `rounds` must have said that it ends.
  ~FanOut() = default;
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  // From any thread.
  [[nodiscard]] Counters counters() const { return {sends_, short_sends_, {events_, bytes_}}; }
  // When it has last done a round. It does one for each part of a heartbeat's time at least, so an
  // old one means that it is stuck.
  [[nodiscard]] Time last_round() const { return last_round_; }

 private:
  struct Group {
    ViewPtr view;
    std::optional<std::string> tenant;  // whose rows alone may go to its members' sockets
    std::vector<Member> members;
    Time last_sent;
    std::vector<FramesPtr> pending = {};  // of the pages of the round that is served
    Sent sent = {};                       // to each who has been a member all the time
  };
  using Groups = std::unordered_map<const View*, Group>;

  void run();
  void serve(Round& round);
  void turn_out_all();
  void release(const std::vector<Leaver>& leavers);
  // Entrants that stand where the members stand are members from now on.
  void admit_who_has_come_here();
  void admit(Entrant& entrant);
  // All of a group when `frames` are not for their sockets. False then.
  [[nodiscard]] bool may_have(Group& group, const Frames& frames);
  // Only the groups to whose view the pages can be something are touched.
  void deliver(const Round& round, const Place& next);
  void collect(Page& page);
  void collect(Page& page, Group& group, std::span<const std::size_t> candidates);
  // Those members for whom `whom` holds.
  template <typename Whom>
  void turn_out_if(Group& group, Whom whom);
  static void withhold(const Member& member, const Place& place, const Sent& sent);
  // To entrants who have had some of the round's pages from their own threads already.
  void deliver_rest(const Round& round, const Place& next);
  void deliver_rest(Entrant& entrant, const Round& round);
  void beat_when_due(const Cursor& cursor);
  // False when that ends the stay; `sent`: what it was sent before.
  [[nodiscard]] bool offer(const Member& member, const FramesPtr& frames, const Place& next,
                           const Sent& sent);
  // To all, and drops those whose stay that ends.
  void offer(Group& group, const FramesPtr& frames, const Place& next);
  // Ends the stay of a member of a group; it stands at place_.
  void turn_out(const Group& group, const Member& member) const;
  void count(const FramesPtr& frames, std::size_t receivers);
  void observe_latency(const Page& page);

  const Rounds rounds_;
  const std::chrono::milliseconds heartbeat_;
  Traffic& traffic_;
  Groups groups_;
  ViewIndex index_;                // of the groups' views
  std::vector<Group*> receivers_;  // those with something pending
  std::vector<Entrant> ahead_;     // have had more than this round sends: they enter a later one
  Place place_;  // where all members stand, or stood before the round that is served
  Time next_beat_;
  std::atomic<std::uint64_t> sends_ = 0;
  std::atomic<std::uint64_t> short_sends_ = 0;
  std::atomic<std::uint64_t> events_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<Time> last_round_;
  Thread thread_;
};

}  // namespace ordercast::hub
