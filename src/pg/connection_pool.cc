#include "pg/connection_pool.h"

#include <utility>

#include "core/history_reader.h"
#include "core/on_behalf_of.h"
#include "pg/connection.h"
#include "pg/log_queries.h"

namespace ordercast::pg {

ConnectionPool::Lease::Lease(ConnectionPool& pool, std::string tenant, Place place)
    : pool_(pool), tenant_(std::move(tenant)), place_(std::move(place)) {}

ConnectionPool::Lease::~Lease() {
  pool_.give_back(tenant_, std::move(place_));
}

std::unique_ptr<ConnectionPool::Lease> ConnectionPool::lease(const Epoch& epoch,
                                                             std::chrono::milliseconds timeout) {
  const std::string& tenant = OnBehalfOf::tenant();
  Place place = take(tenant, timeout);
  const bool fresh = !place.connection || has_ended(*place.connection) || place.epoch != epoch;
  try {
    if (fresh) place = open();
  } catch (const std::exception& error) {
    give_back(tenant, {});
    throw HistoryUnavailable(error.what());
  }
  if (place.epoch != epoch) {
    give_back(tenant, std::move(place));
    throw HistoryUnavailable("the database is in another epoch");
  }
  return std::make_unique<Lease>(*this, tenant, std::move(place));
}

ConnectionPool::Place ConnectionPool::take(const std::string& tenant,
                                           std::chrono::milliseconds timeout) {
  if (!turns_.take(tenant, std::chrono::steady_clock::now() + timeout)) {
    throw HistoryUnavailable("too many clients read history at once");
  }
  const MutexLock lock(mutex_);
  ++leased_;
  if (free_.empty()) return {};
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

void ConnectionPool::give_back(const std::string& tenant, Place place) noexcept {
  {
    const MutexLock lock(mutex_);
    --leased_;
    const bool room = free_.size() + leased_ < size_;
    if (place.connection && room) free_.push_back(std::exchange(place, {}));
  }
  place.connection.reset();  // not under the lock: it tells the server
  turns_.give_back(tenant);
}

void ConnectionPool::resize(std::size_t size, std::size_t most_per_tenant) {
  std::vector<Place> beyond;
  {
    const MutexLock lock(mutex_);
    size_ = size;
    free_.reserve(size);
    for (; !free_.empty() && free_.size() + leased_ > size; free_.pop_back()) {
      beyond.push_back(std::move(free_.back()));
    }
  }
  turns_.set(size, most_per_tenant);
}

}  // namespace ordercast::pg
