#include "pg/connection_pool.h"

#include <utility>

#include "core/history_reader.h"
#include "pg/connection.h"
#include "pg/log_queries.h"

namespace ordercast::pg {

ConnectionPool::Lease::Lease(ConnectionPool& pool, Place place)
    : pool_(pool), place_(std::move(place)) {}

ConnectionPool::Lease::~Lease() {
  pool_.give_back(std::move(place_));
}

std::unique_ptr<ConnectionPool::Lease> ConnectionPool::lease(const Epoch& epoch,
                                                             std::chrono::milliseconds timeout) {
  Place place = take(timeout);
  const bool fresh = !place.connection || has_ended(*place.connection) || place.epoch != epoch;
  try {
    if (fresh) place = open();
  } catch (const std::exception& error) {
    give_back({});
    throw HistoryUnavailable(error.what());
  }
  if (place.epoch != epoch) {
    give_back(std::move(place));
    throw HistoryUnavailable("the database is in another epoch");
  }
  return std::make_unique<Lease>(*this, std::move(place));
}

ConnectionPool::Place ConnectionPool::take(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  MutexLock lock(mutex_);
  while (free_.empty()) {
    if (!returned_.wait_until(mutex_, deadline) && free_.empty()) {
      throw HistoryUnavailable("too many clients read history at once");
    }
  }
  Place place = std::move(free_.back());
  free_.pop_back();
  return place;
}

ConnectionPool::Place ConnectionPool::open() const {
  Place place{connect(conninfo_, {.watchdog = &watchdog_}), {}};
  const Watchdog::Watch watch(watchdog_, *place.connection, kAnswerLimit);
  prepare_log_queries(*place.connection);
  place.epoch = read_epoch(*place.connection);
  return place;
}

void ConnectionPool::give_back(Place place) {
  MutexLock lock(mutex_);
  free_.push_back(std::move(place));
  returned_.notify_one();
}

}  // namespace ordercast::pg
