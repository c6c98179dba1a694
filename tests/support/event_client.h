// A client of a stream that keeps the table it is told of, and finds fault with what cannot be
// true: a change that comes twice or out of order, an insert of a row that is there, an update or
// delete that contradicts the row it has. Confined to one thread.
//
// It remembers its cursor as a browser does: the id of the last event that was taken with next() or
// take_all(). What was received but not taken is forgotten by drop(), as if the connection had been
// cut in the middle of it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"

namespace ordercast::testing {

// Key to row, both as JSON in one spelling (members sorted).
using Rows = std::map<std::string, std::string>;

struct EventClientOptions {
  std::string stream = "orders";
  std::string query = {};                  // without its "?"
  std::string cursor = {};                 // sent as Last-Event-ID
  bool from_empty = false;                 // the table is empty now, so that all of it will be told
  bool filtered = false;                   // rows come into the view and leave it
  bool keeps_shown = false;                // every row that it is sent, for shown()
  std::vector<http::Header> headers = {};  // more of the request
};

class EventClient {
 public:
  explicit EventClient(std::uint16_t port, EventClientOptions options = {});

  // Opens the stream again where it left off, perhaps on another node.
  void resume(std::optional<std::uint16_t> port = std::nullopt);
  // Resets the connection (RST).
  void drop();
  [[nodiscard]] bool connected() const { return connection_.has_value(); }

  // The data of the `hello` of this connection.
  [[nodiscard]] const nlohmann::json& hello() const { return hello_; }

  // The next event; nullopt when the server has ended the stream. Throws when none comes in time.
  std::optional<SseEvent> next(std::chrono::milliseconds patience = kPatience);
  // The data of the next event, which is of this type. Throws when it is another.
  nlohmann::json expect(std::string_view type);
  // Takes what has arrived, and the id of a heartbeat behind it.
  void take_all();
  // Takes one event if one has arrived.
  bool take_one();
  // Takes events until `done` holds. Throws when nothing comes for kPatience, or the stream ends.
  template <typename Done>
  void take_until(Done done) {
    while (!done()) {
      if (!next()) throw ended();
    }
  }
  // Waits for an id without an event, which moves the cursor. Events in between are taken.
  void wait_for_heartbeat();
  // Whether no event comes for so long.
  [[nodiscard]] bool silent_for(std::chrono::milliseconds time);

  [[nodiscard]] const std::string& cursor() const { return cursor_; }
  // To be looked at with poll(2).
  [[nodiscard]] int fd() { return connection_->connection().fd(); }
  [[nodiscard]] EventStreamClient& stream() { return *connection_; }

  // What it knows of the table; all of it when it began with snapshot=true or an empty table.
  [[nodiscard]] const Rows& rows() const { return rows_; }
  // Every row that it was ever sent, in that spelling.
  [[nodiscard]] const std::set<std::string>& shown() const { return shown_; }
  // Of all changes taken so far, over all connections.
  [[nodiscard]] const std::set<std::int64_t>& seqs() const { return seqs_; }
  [[nodiscard]] std::int64_t last_seq() const { return seqs_.empty() ? 0 : *seqs_.rbegin(); }
  // How many events of a type were taken.
  [[nodiscard]] int count(const std::string& type) const;
  // What cannot be true, in words; and how often of which kind.
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] int duplicated() const { return duplicated_; }
  [[nodiscard]] int reordered() const { return reordered_; }
  [[nodiscard]] int contradictions() const {
    return static_cast<int>(faults_.size()) - duplicated_ - reordered_;
  }

 private:
  [[nodiscard]] std::runtime_error ended() const;
  void take(const SseEvent& event);
  void take_change(const std::string& type, const nlohmann::json& data);
  void check_op(const std::string& type, const nlohmann::json& data);
  void check_order(const std::string& key, std::int64_t seq);
  void fold(const std::string& type, const nlohmann::json& data);

  std::uint16_t port_;
  const EventClientOptions options_;
  std::string cursor_;
  std::optional<EventStreamClient> connection_;
  nlohmann::json hello_;

  Rows rows_;
  std::set<std::string> shown_;
  std::set<std::int64_t> seqs_;
  std::map<std::string, std::int64_t> last_seq_of_key_;
  std::map<std::string, int> counts_;
  std::vector<std::string> faults_;
  int duplicated_ = 0;
  int reordered_ = 0;
  bool whole_;  // rows_ holds all of the table: contradictions can be told
};

}  // namespace ordercast::testing
