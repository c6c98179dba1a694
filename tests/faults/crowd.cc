#include "faults/crowd.h"

#include <poll.h>

#include <algorithm>
#include <exception>

namespace ordercast::faults {
namespace {

using testing::EventClient;

// So many of a hundred times that a client has something to read, it is cut instead.
constexpr std::uint64_t kCutPercent = 3;
// How long a thread waits for any of its clients; those that are cut try again as often.
constexpr int kRoundMs = 20;

}  // namespace

Crowd::Crowd(const Fleet& fleet, const CrowdOptions& options) : fleet_(fleet), seed_(options.seed) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(options.clients); ++i) {
    clients_.push_back(std::make_unique<EventClient>(
        fleet_.port(i % fleet_.size()),
        testing::EventClientOptions{
            .query = filtered(i) ? kFilter : "", .from_empty = true, .filtered = filtered(i)}));
  }
  connections_ = options.clients;
}

Crowd::~Crowd() {
  last_seq_ = 0;
  for (auto& thread : threads_) thread.join();
}

void Crowd::start() {
  for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { run(i); });
}

void Crowd::finish(std::int64_t last_seq, std::chrono::milliseconds patience) {
  deadline_ = std::chrono::steady_clock::now() + patience;
  last_seq_ = last_seq;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Crowd::run(std::size_t first) {
  std::mt19937_64 random(seed_ * kThreads + first);
  std::vector<EventClient*> mine;
  for (auto i = first; i < clients_.size(); i += kThreads) mine.push_back(clients_[i].get());
  int cuts_seen = 0;
  const auto all_done = [&] {
    return last_seq_ >= 0 &&
           std::all_of(mine.begin(), mine.end(), [this](auto* client) { return done(*client); });
  };
  while (!all_done() && !over()) {
    const bool cut = cuts_seen != cuts_ordered_;
    cuts_seen = cuts_ordered_;
    std::vector<pollfd> entries;
    for (auto* client : mine) {
      if (cut) client->drop();
      if (!client->connected()) come_back(*client, random);
      entries.push_back({client->connected() ? client->fd() : -1, POLLIN, 0});
    }
    ::poll(entries.data(), entries.size(), kRoundMs);
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (entries[i].revents != 0) read(*mine[i], random);
    }
  }
}

void Crowd::read(EventClient& client, std::mt19937_64& random) {
  const auto before = client.seqs().size();
  try {
    if (last_seq_ < 0 && random() % 100 < kCutPercent) {
      // Some of what has arrived is taken; the rest is lost with the connection.
      for (auto i = random() % 5; i > 0; --i) client.take_one();
      client.drop();
    } else {
      client.take_all();
      if (client.stream().ended()) client.drop();
    }
  } catch (const std::exception&) {
    client.drop();  // the node went
  }
  events_ += static_cast<std::int64_t>(client.seqs().size() - before);
}

void Crowd::come_back(EventClient& client, std::mt19937_64& random) {
  try {
    client.resume(fleet_.port(random() % fleet_.size()));
    ++connections_;
  } catch (const std::exception&) {
    client.drop();  // nobody there, or nobody who reaches the database; once more next time
  }
}

bool Crowd::done(const EventClient& client) const {
  return client.last_seq() >= last_seq_;
}

bool Crowd::over() const {
  return last_seq_ == 0 || (last_seq_ > 0 && std::chrono::steady_clock::now() > deadline_.load());
}

}  // namespace ordercast::faults
