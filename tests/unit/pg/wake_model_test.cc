// No lost wake-up, proved on a model: writers, nodes that run the listener's own WakeProtocol, the
// lock and the queue of notifications, in every order in which their steps can interleave
// (docs/decisions/0004-wake-up.md). A step is what PostgreSQL does at once; a commit is three, in
// its order: the changes become visible, the lock is given back, the notification is sent. Writers
// and nodes go on for ever: of the changes before the last, it only counts whether all were read.
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <set>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pg/wake_protocol.h"

namespace ordercast::pg {
namespace {

using Step = WakeProtocol::Step;

constexpr int kWriters = 2;
constexpr int kNodes = 2;
constexpr std::uint8_t kNobody = 255;

// A transaction that is rolled back, to a savepoint before the write or whole, or whose session is
// killed, gives back the lock and forgets its notification: kIdle again. One that is prepared stays
// kOpen for as long as it likes.
enum class Stage : std::uint8_t { kIdle, kOpen, kVisible, kUnlocked };

struct Writer {
  Stage stage = Stage::kIdle;
  bool shares = false;    // was granted the lock: nobody was asleep
  bool notifies = false;  // was refused: will notify
  auto operator<=>(const Writer&) const = default;
};

struct Node {
  WakeProtocol protocol;
  // Visible, and not read: a bit for the transaction that each writer is ending, and one for all
  // that have ended.
  std::uint8_t unread = 0;
  // Sent, and not yet taken from the socket.
  bool woken_by_writer = false;
  bool woken_by_node = false;
  bool probes = false;   // arm() was refused the lock and shares it until its statement ends
  bool disarms = false;  // disarm() has given the lock back and not yet notified
  // A node that held the lock crashed: only the slow poll helps.
  bool excused = false;
  bool operator==(const Node&) const = default;
};

struct State {
  std::array<Writer, kWriters> writers;
  std::array<Node, kNodes> nodes;
  std::uint8_t owner = kNobody;  // the node that has the lock exclusively
  std::uint8_t crashes_left = 0;
  bool operator==(const State&) const = default;
};
static_assert(std::has_unique_object_representations_v<State>);

struct Hash {
  std::size_t operator()(const State& state) const {
    const auto bytes = std::bit_cast<std::array<char, sizeof(State)>>(state);
    return std::hash<std::string_view>()({bytes.data(), bytes.size()});
  }
};

constexpr std::uint8_t kEnded = 1 << kWriters;

constexpr std::uint8_t ending(int writer) {
  return static_cast<std::uint8_t>(1 << writer);
}

// Only a notification, or the slow poll, will make it read.
bool sleeps(const Node& node) {
  return !node.probes && !node.disarms && !node.woken_by_writer && !node.woken_by_node &&
         !node.protocol.must_look_soon() && node.protocol.next(false, false) == Step::kWait;
}

class Model {
 public:
  Model(std::array<WakeMode, kNodes> modes, std::uint8_t crashes)
      : first_{.writers = {},
               .nodes = {Node{WakeProtocol(modes[0])}, Node{WakeProtocol(modes[1])}},
               .crashes_left = crashes} {}

  // Visits every state that can be reached.
  template <typename Visit>
  void explore(Visit visit) {
    reach(first_);
    while (!open_.empty()) {
      const State state = open_.back();
      open_.pop_back();
      visit(state);
      for (int i = 0; i < kWriters; ++i) write(state, i);
      for (int i = 0; i < kNodes; ++i) follow(state, i);
    }
  }

  [[nodiscard]] std::size_t states() const { return reached_.size(); }

 private:
  void reach(State state) {
    // Which writer is which makes no difference.
    if (state.writers[1] < state.writers[0]) {
      std::swap(state.writers[0], state.writers[1]);
      for (auto& node : state.nodes) {
        const std::uint8_t first = (node.unread & ending(1)) >> 1;
        node.unread = (node.unread & kEnded) | ((node.unread & ending(0)) << 1) | first;
      }
    }
    if (reached_.insert(state).second) open_.push_back(state);
  }

  void write(const State& state, int i) {
    State next = state;
    auto& writer = next.writers[i];
    switch (writer.stage) {
      case Stage::kIdle:
        (state.owner == kNobody ? writer.shares : writer.notifies) = true;
        writer.stage = Stage::kOpen;
        return reach(next);
      case Stage::kOpen: {
        if (state.owner == kNobody && !writer.shares) {  // another statement
          State again = state;
          again.writers[i].shares = true;
          reach(again);
        }
        State given_up = state;
        given_up.writers[i] = {};
        reach(given_up);
        for (auto& node : next.nodes) node.unread |= ending(i);
        writer.stage = Stage::kVisible;
        return reach(next);
      }
      case Stage::kVisible:
        writer.shares = false;
        writer.stage = Stage::kUnlocked;
        return reach(next);
      case Stage::kUnlocked:
        for (auto& node : next.nodes) {
          node.woken_by_writer |= writer.notifies;
          if ((node.unread & ending(i)) != 0) node.unread = (node.unread & ~ending(i)) | kEnded;
        }
        writer = {};
        return reach(next);
    }
  }

  void follow(const State& state, int i) {
    // Which of two alike crashes, too.
    if (state.crashes_left > 0 && i == 0) crash(state, i);
    const Node& node = state.nodes[i];
    if (node.probes || node.disarms) return reach(after_statement(state, i));
    for (const bool by_node : {false, true}) {
      if (by_node ? node.woken_by_node : node.woken_by_writer)
        reach(after_notice(state, i, by_node));
    }
    std::set<Step> steps;
    for (const bool busy : {false, true}) {
      for (const bool quiet : {false, true}) steps.insert(node.protocol.next(busy, quiet));
    }
    for (const Step step : steps) reach(after_step(state, i, step));
  }

  static State after_step(State state, int i, Step step) {
    Node& node = state.nodes[i];
    switch (step) {
      case Step::kRead:
        node.unread = 0;
        node.protocol.has_read();
        break;
      case Step::kArm: {
        bool shared = false;
        for (const auto& writer : state.writers) shared |= writer.shares;
        for (const auto& other : state.nodes) shared |= other.probes;
        if (state.owner != kNobody) {
          node.protocol.has_tried_to_arm(Guard::kOther);
        } else if (shared) {
          node.probes = true;
        } else {
          state.owner = static_cast<std::uint8_t>(i);
          node.protocol.has_tried_to_arm(Guard::kOwn);
        }
        break;
      }
      case Step::kDisarm:
        state.owner = kNobody;
        node.disarms = true;
        break;
      case Step::kWait:
        if (node.woken_by_writer || node.woken_by_node) break;
        node.protocol.waited();
        node.excused = false;
        break;
    }
    return state;
  }

  static State after_statement(State state, int i) {
    Node& node = state.nodes[i];
    if (node.probes) {
      node.protocol.has_tried_to_arm(Guard::kNone);
    } else {
      node.protocol.has_disarmed();
      for (auto& other : state.nodes) other.woken_by_node = true;
    }
    node.probes = node.disarms = false;
    return state;
  }

  static State after_notice(State state, int i, bool by_node) {
    Node& node = state.nodes[i];
    (by_node ? node.woken_by_node : node.woken_by_writer) = false;
    node.protocol.notified(by_node);
    return state;
  }

  // Its session ends, and the next one begins: with LISTEN and a new protocol, where it was.
  void crash(State state, int i) {
    Node& node = state.nodes[i];
    --state.crashes_left;
    if (state.owner == i || node.disarms) {
      for (auto& other : state.nodes) other.excused = true;
    }
    if (state.owner == i) state.owner = kNobody;
    node = {.protocol = WakeProtocol(first_.nodes[i].protocol), .unread = node.unread};
    reach(state);
  }

  const State first_;
  std::unordered_set<State, Hash> reached_;
  std::vector<State> open_;
};

// Changes that a sleeping node has not read, and of which nothing on its way will tell it.
std::uint8_t unnoticed(const State& state, const Node& node) {
  if (!sleeps(node) || node.excused) return 0;
  std::uint8_t unread = node.unread;
  for (const auto& other : state.nodes) {
    if (other.disarms) return 0;  // and will notify
  }
  for (int i = 0; i < kWriters; ++i) {
    const auto& writer = state.writers[i];
    if (writer.notifies) unread &= ~ending(i);
  }
  return unread;
}

TEST_CASE("Every change is noticed without the slow poll, in whatever order things happen") {
  using enum WakeMode;
  const auto modes = GENERATE(std::array{kArmed, kArmed}, std::array{kArmed, kNotify},
                              std::array{kArmed, kPoll}, std::array{kNotify, kNotify});
  Model model(modes, 0);
  int asleep = 0;
  int both_asleep = 0;
  int lost = 0;
  model.explore([&](const State& state) {
    for (const auto& node : state.nodes) {
      lost += unnoticed(state, node) != 0;
      asleep += sleeps(node);
    }
    both_asleep += sleeps(state.nodes[0]) && sleeps(state.nodes[1]);
  });
  CAPTURE(model.states());
  CHECK(lost == 0);
  // The proof is not about nodes that never sleep.
  CHECK(asleep > 0);
  CHECK((both_asleep > 0) == (modes[1] != kPoll));
}

TEST_CASE("After the crash of a node that was armed, one slow poll is enough for the others") {
  Model model({WakeMode::kArmed, WakeMode::kArmed}, 1);
  int lost = 0;
  int excused = 0;
  model.explore([&](const State& state) {
    for (const auto& node : state.nodes) {
      lost += unnoticed(state, node) != 0;
      excused += node.excused && sleeps(node) && node.unread != 0;
    }
  });
  CHECK(lost == 0);
  CHECK(excused > 0);
}

}  // namespace
}  // namespace ordercast::pg
