// One random history: transactions that run across each other, nodes that read the log at their own
// moments, clients that are cut off after any event and come back to any node. Everything follows
// from the seed; nothing sleeps. What is checked is promise 1 of docs/architecture.md: every
// committed change once, none that was rolled back, each row's changes in their order. Confined to
// one thread.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "hub/subscriber.h"
#include "support/memory_log.h"
#include "support/sse_decoder.h"

namespace ordercast::testing {

// A promise was broken: what() says which, and where.
struct Violation : std::logic_error {
  using std::logic_error::logic_error;
};

class ExactnessModel {
 public:
  // With `trace`, every step is written to stderr.
  ExactnessModel(std::uint64_t seed, bool trace);
  // Throws Violation.
  void run();

  // How often the cases came up that are hard to get right.
  struct Coverage {
    std::size_t events = 0;
    std::size_t resumes = 0;
    std::size_t resumes_inside_batch = 0;
    std::size_t resumes_ahead_of_node = 0;
    std::size_t lower_seq_committed_last = 0;
    std::size_t begun_earliest = 0;
    std::size_t resets = 0;
    std::size_t crashes = 0;
    Coverage& operator+=(const Coverage& other);
  };
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  struct Node {
    std::string name;
    std::size_t backlog_bytes = 0;
    Position at;  // of its listener
    bool reading = false;
    std::unique_ptr<hub::Hub> hub;
  };
  struct Client {
    std::string name;
    std::string stream;
    bool reads_rows = false;
    Node* node = nullptr;
    std::unique_ptr<hub::Subscriber> subscriber;  // none while it is cut off
    bool saw_outage = false;  // the present subscriber may be waiting to ask again

    std::string last_id;  // empty: it begins anew
    Position base;        // where it began: what is later is due, all of it
    std::set<std::int64_t> received;
    std::map<std::string, std::int64_t> newest_of_row;  // seq by key
    MemoryLog::Rows rows;  // as the events say, when it began with rows
  };

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  Node& any_node() { return *nodes_[below(nodes_.size())]; }
  template <typename... Parts>
  void trace(fmt::format_string<Parts...> format, Parts&&... parts) const;
  static void require(bool kept, const Client& client, std::string_view promise,
                      std::int64_t seq = 0);

  void step();
  void write_something();
  void end_transaction(std::size_t index);
  void something_rare();
  void interrupt();

  void boot(Node& node);
  void crash(Node& node);
  void listen(Node& node);

  void act(Client& client);
  void begin_anew(Client& client);
  void begin_earliest(Client& client);
  void resume(Client& client, Node& node);
  void begin_at_cursor(Client& client);
  static void cut_off(Client& client) { client.subscriber.reset(); }
  // One call of next(); false when there was nothing to do.
  bool deliver(Client& client);
  void take_frames(Client& client, std::string_view frames);
  void take_event(Client& client, const SseEvent& event);
  static void apply(Client& client, const Change& change);
  void require_all_up_to(const Position& head, const Client& client) const;

  void finish();
  void drain(Client& client);

  std::mt19937_64 random_;
  const bool trace_;
  MemoryLog log_;
  const bool has_retention_;
  const bool has_outages_;
  const bool has_crashes_;
  const std::size_t row_count_;
  const std::size_t steps_;
  const std::size_t reads_percent_;  // how many of the steps are listeners'
  bool available_ = true;
  bool interrupted_ = false;
  std::int64_t last_committed_seq_ = 0;
  std::map<TransactionId, std::int64_t> open_;  // and the first seq that each has written
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Client>> clients_;  // after nodes_: their subscribers go first
  Coverage coverage_;
};

}  // namespace ordercast::testing
