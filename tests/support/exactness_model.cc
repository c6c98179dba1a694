#include "support/exactness_model.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

#include "core/cursor.h"
#include "support/snapshot_rows.h"

namespace ordercast::testing {
namespace {

using Kind = hub::Subscriber::Delivery::Kind;

constexpr Epoch kEpoch{0x0123456789ab};
constexpr std::array kStreams{"orders", "items"};
// From none (the newest page only) to all that a history here comes to.
constexpr std::array<std::size_t, 4> kBacklogBytes{0, 2000, 6000, 1 << 20};
constexpr std::size_t kMostOpen = 5;
constexpr hub::Subscriber::Time kAtOnce{};

std::int64_t seq_of(const std::string& data) {
  constexpr std::string_view kName = "\"seq\":";
  const auto at = data.rfind(kName);
  return at == std::string::npos ? 0 : std::stoll(data.substr(at + kName.size()));
}

std::string_view name_of(Op op) {
  return op == Op::kInsert ? "insert" : op == Op::kUpdate ? "update" : "delete";
}

}  // namespace

template <typename... Parts>
void ExactnessModel::trace(fmt::format_string<Parts...> format, Parts&&... parts) const {
  if (trace_) fmt::print(stderr, "{}\n", fmt::format(format, std::forward<Parts>(parts)...));
}

void ExactnessModel::require(bool kept, const Client& client, std::string_view promise,
                             std::int64_t seq) {
  if (kept) return;
  throw Violation(fmt::format("{} on {}, last id {}, seq {}: {}", client.name,
                              client.node == nullptr ? "no node" : client.node->name,
                              client.last_id, seq, promise));
}

ExactnessModel::Coverage& ExactnessModel::Coverage::operator+=(const Coverage& other) {
  events += other.events;
  resumes += other.resumes;
  resumes_inside_batch += other.resumes_inside_batch;
  resumes_ahead_of_node += other.resumes_ahead_of_node;
  lower_seq_committed_last += other.lower_seq_committed_last;
  begun_earliest += other.begun_earliest;
  resets += other.resets;
  crashes += other.crashes;
  return *this;
}

ExactnessModel::ExactnessModel(std::uint64_t seed, bool trace)
    : random_(seed),
      trace_(trace),
      log_(1 + below(4)),
      has_retention_(chance(25)),
      has_outages_(chance(25)),
      has_crashes_(chance(50)),
      row_count_(1 + below(6)),
      steps_(20 + below(130)),
      reads_percent_(3 + below(20)) {
  log_.set_looks_ahead(chance(50));
  if (chance(50)) log_.set_interruption([this] { interrupt(); });
  const auto nodes = 1 + below(3);
  for (std::size_t i = 0; i < nodes; ++i) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = fmt::format("node {}", i);
    nodes_.back()->backlog_bytes = kBacklogBytes[below(kBacklogBytes.size())];
    boot(*nodes_.back());
  }
  const auto clients = 1 + below(5);
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->name = fmt::format("client {}", i);
    clients_.back()->stream = kStreams[chance(75) ? 0 : 1];
    clients_.back()->reads_rows = chance(40);
  }
}

void ExactnessModel::run() {
  for (std::size_t i = 0; i < steps_; ++i) step();
  finish();
}

void ExactnessModel::step() {
  const auto what = below(100);
  if (what < 3) return something_rare();
  if (what < 3 + reads_percent_) return listen(any_node());
  if (what < 60) return write_something();
  act(*clients_[below(clients_.size())]);
}

void ExactnessModel::write_something() {
  if (open_.empty() || (open_.size() < kMostOpen && chance(25))) {
    const auto tx = log_.begin();
    open_.emplace(tx, 0);
    trace("{} begins", tx);
    return;
  }
  const auto index = below(open_.size());
  if (chance(35)) return end_transaction(index);
  const auto tx = std::next(open_.begin(), static_cast<std::ptrdiff_t>(index))->first;
  const auto count = chance(15) ? 1 + below(9) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* stream = kStreams[chance(75) ? 0 : 1];
    const auto id = static_cast<int>(below(row_count_));
    const auto seq = chance(25) ? log_.remove(tx, stream, id) : log_.put(tx, stream, id);
    if (seq && open_[tx] == 0) open_[tx] = *seq;
    if (seq) trace("{} writes {} of {}: seq {}", tx, id, stream, *seq);
  }
}

void ExactnessModel::end_transaction(std::size_t index) {
  const auto it = std::next(open_.begin(), static_cast<std::ptrdiff_t>(index));
  const auto [tx, first_seq] = *it;
  open_.erase(it);
  if (chance(30)) {
    log_.roll_back(tx);
    trace("{} rolls back", tx);
    return;
  }
  log_.commit(tx);
  trace("{} commits", tx);
  if (first_seq == 0) return;
  if (first_seq < last_committed_seq_) ++coverage_.lower_seq_committed_last;
  last_committed_seq_ = std::max(last_committed_seq_, first_seq);
}

void ExactnessModel::something_rare() {
  if (has_crashes_ && available_ && chance(40)) return crash(any_node());
  if (has_outages_ && chance(50)) {
    available_ = !available_;
    log_.set_available(available_);
    for (auto& client : clients_) client->saw_outage = client->saw_outage || !available_;
    trace("the database is {}", available_ ? "up" : "down");
  } else if (has_retention_ && open_.empty()) {
    log_.drop_before(last_committed_seq_);
    trace("retention drops what is before seq {}", last_committed_seq_);
  }
}

// What other threads and machines do while one of ours waits for the database.
void ExactnessModel::interrupt() {
  if (interrupted_ || !chance(30)) return;
  interrupted_ = true;
  trace("meanwhile");
  const auto steps = 1 + below(4);
  for (std::size_t i = 0; i < steps; ++i) {
    if (chance(60)) {
      write_something();
    } else {
      listen(any_node());
    }
  }
  trace("end of meanwhile");
  interrupted_ = false;
}

void ExactnessModel::boot(Node& node) {
  node.hub = std::make_unique<hub::Hub>(log_, hub::HubOptions{.backlog_bytes = node.backlog_bytes});
  auto catalog = std::make_shared<Catalog>();
  for (const auto* stream : kStreams) (*catalog)[stream].name = stream;
  node.hub->set_catalog(catalog);
  node.hub->set_database_up(true);
  node.at = log_.position();
  node.hub->start(kEpoch, node.at, "epoch");
}

void ExactnessModel::crash(Node& node) {
  trace("{} crashes", node.name);
  ++coverage_.crashes;
  for (auto& client : clients_) {
    if (client->node == &node) cut_off(*client);
  }
  boot(node);
}

// As pg::Listener does it.
void ExactnessModel::listen(Node& node) {
  if (node.reading) return;
  node.reading = true;
  try {
    auto page = std::make_shared<const Batch>(log_.read_after(node.at));
    node.at = page->end();
    if (trace_) {
      trace("{} reads {} changes up to {}{}", node.name, page->changes.size(), page->now.text(),
            page->complete ? "" : ", not all");
    }
    node.hub->set_database_up(true);
    node.hub->publish(std::move(page));
  } catch (const HistoryLost& lost) {
    trace("{}: history lost ({})", node.name, lost.what());
    node.at = log_.position();
    node.hub->set_database_up(true);
    node.hub->start(kEpoch, node.at, lost.what());
  } catch (const HistoryUnavailable&) {
    node.hub->set_database_up(false);
  }
  node.reading = false;
}

void ExactnessModel::act(Client& client) {
  if (!client.subscriber)
    return client.last_id.empty() ? begin_anew(client) : resume(client, any_node());
  if (!chance(7)) {
    deliver(client);
  } else {
    trace("{} goes away", client.name);
    cut_off(client);
  }
}

void ExactnessModel::begin_anew(Client& client) {
  client.node = &any_node();
  if (!client.reads_rows && chance(40)) return begin_earliest(client);
  trace("{} begins on {}", client.name, client.node->name);
  client.subscriber =
      client.node->hub->subscribe(client.node->hub->catalog(), {client.stream}, std::nullopt);
  client.saw_outage = !available_;
  require(!client.subscriber->resumed(), client, "nothing to resume");
  begin_at_cursor(client);
}

void ExactnessModel::begin_earliest(Client& client) {
  trace("{} begins at the earliest on {}", client.name, client.node->name);
  try {
    client.subscriber =
        client.node->hub->subscribe(client.node->hub->catalog(), {client.stream}, kEarliest);
  } catch (const HistoryUnavailable&) {
    return;
  }
  ++coverage_.begun_earliest;
  client.saw_outage = !available_;
  require(client.subscriber->resumed(), client, "all that is kept is resumed");
  begin_at_cursor(client);
  if (has_retention_) return;
  for (const auto* change : log_.committed()) {
    require(!has(client.base, *change), client, "the earliest is before all", change->seq);
  }
}

void ExactnessModel::begin_at_cursor(Client& client) {
  client.received.clear();
  client.newest_of_row.clear();
  client.rows.clear();
  client.last_id.clear();
  if (client.reads_rows) {
    try {
      std::string frames;
      const bool sent = client.subscriber->send_rows({client.stream}, sink_into(frames));
      require(sent, client, "rows are sent to whom is there");
      client.rows = rows_in(frames);
    } catch (const HistoryUnavailable&) {
      return cut_off(client);
    }
  }
  const auto cursor = client.subscriber->cursor();
  client.base = cursor.position;
  client.last_id = cursor.encode();
}

void ExactnessModel::resume(Client& client, Node& node) {
  client.node = &node;
  trace("{} resumes on {} from {}", client.name, node.name, client.last_id);
  const auto cursor = Cursor::decode(client.last_id);
  require(cursor.has_value(), client, "an id can be decoded");
  ++coverage_.resumes;
  if (cursor->position.in_batch) ++coverage_.resumes_inside_batch;
  if (cursor->position.seen.xmax > node.at.seen.xmax) ++coverage_.resumes_ahead_of_node;
  client.subscriber = node.hub->subscribe(node.hub->catalog(), {client.stream}, client.last_id);
  client.saw_outage = !available_;
  require(client.subscriber->resumed() && client.subscriber->refused().empty(), client,
          "an id resumes on any node");
  require(client.subscriber->cursor().encode() == client.last_id, client,
          "a resumed reader stands at its id");
}

bool ExactnessModel::deliver(Client& client) {
  const auto delivery = client.subscriber->next(kAtOnce);
  switch (delivery.kind) {
    case Kind::kFrames:
      take_frames(client, delivery.frames->text());
      return true;
    case Kind::kIdle:
      trace("{} is idle", client.name);
      if (!client.saw_outage) require_all_up_to(client.node->hub->status().head.position, client);
      if (chance(50)) client.last_id = client.subscriber->cursor().encode();
      return false;
    case Kind::kReset:
      trace("{} is reset: {}", client.name, delivery.reason);
      require(has_retention_ && delivery.reason == "retention", client, "no reset without a loss");
      ++coverage_.resets;
      begin_at_cursor(client);
      return true;
    case Kind::kStatus:
      return true;
    case Kind::kRest:
    case Kind::kEnd:
    case Kind::kHungUp:
    case Kind::kClosed:
    case Kind::kWithheld:
      break;
  }
  require(false, client, "a stream ends only when it is closed");
  return false;
}

void ExactnessModel::take_frames(Client& client, std::string_view frames) {
  require(!frames.empty(), client, "a delivery is not empty");
  SseDecoder decoder;
  decoder.feed(frames);
  while (auto event = decoder.next()) {
    take_event(client, *event);
    if (chance(8)) {
      trace("{} is cut off", client.name);
      return cut_off(client);
    }
  }
}

void ExactnessModel::take_event(Client& client, const SseEvent& event) {
  const auto seq = seq_of(event.data);
  trace("{} gets {} with id {}", client.name, seq, event.last_event_id);
  ++coverage_.events;
  require(!event.last_event_id.empty(), client, "every change has an id");
  client.last_id = event.last_event_id;
  const auto cursor = Cursor::decode(client.last_id);
  require(cursor && cursor->epoch == kEpoch, client, "an id can be decoded");

  const Change* change = log_.find_committed(seq);
  require(change != nullptr, client, "what comes was committed", seq);
  require(change->stream == client.stream, client, "what comes is of the stream", seq);
  require(!has(client.base, *change), client, "nothing comes from before the beginning", seq);
  require(client.received.insert(seq).second, client, "no change comes twice", seq);
  require(event.type == name_of(change->op), client, "a change comes as what it was", seq);
  require(std::exchange(client.newest_of_row[change->key], seq) < seq, client,
          "the changes of a row come in their order", seq);
  if (client.reads_rows) apply(client, *change);
}

void ExactnessModel::apply(Client& client, const Change& change) {
  const auto row = client.rows.find(change.key);
  const auto present = row == client.rows.end() ? std::string() : row->second;
  require(present == change.old_row, client, "a change meets the row that it changed", change.seq);
  if (change.new_row.empty()) {
    client.rows.erase(row);
  } else {
    client.rows[change.key] = change.new_row;
  }
}

void ExactnessModel::require_all_up_to(const Position& head, const Client& client) const {
  for (const auto* change : log_.committed()) {
    if (change->stream != client.stream || has(client.base, *change) || !has(head, *change))
      continue;
    require(client.received.count(change->seq) == 1, client, "every change comes", change->seq);
  }
}

void ExactnessModel::finish() {
  trace("the end");
  log_.set_interruption(nullptr);
  log_.set_available(available_ = true);
  while (!open_.empty()) end_transaction(below(open_.size()));
  const auto end = log_.position();
  for (auto& node : nodes_) {
    do {
      listen(*node);
    } while (!(node->at == end));
  }
  for (auto& client : clients_) {
    drain(*client);
    if (client->last_id.empty()) continue;
    for (auto& node : nodes_) {
      resume(*client, *node);
      require(!deliver(*client), *client, "nothing comes after the end");
    }
  }
}

void ExactnessModel::drain(Client& client) {
  for (;;) {
    if (client.subscriber && client.saw_outage) cut_off(client);
    if (!client.subscriber && client.last_id.empty()) begin_anew(client);
    if (!client.subscriber) resume(client, any_node());
    while (client.subscriber && deliver(client)) {
    }
    if (client.subscriber) break;
  }
  require_all_up_to(log_.position(), client);
  require(client.subscriber->cursor().position == log_.position(), client,
          "at the end all stand at the head");
  client.last_id = client.subscriber->cursor().encode();
  if (client.reads_rows)
    require(client.rows == log_.rows(client.stream), client, "rows and changes make the table");
}

}  // namespace ordercast::testing
