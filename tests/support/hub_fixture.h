// A hub over a log in memory, with the streams "orders" and "items", and what its listener does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/hub.h"
#include "hub/subscriber.h"
#include "support/memory_log.h"

namespace ordercast::testing {

inline constexpr Epoch kEpoch{0x0123456789ab};
// As a deadline: next() does not block.
inline constexpr hub::Subscriber::Time kAtOnce{};

struct HubFixture {
  explicit HubFixture(std::size_t page_rows = HistoryReader::kPageRows,
                      hub::HubOptions options = {})
      : log(page_rows), hub(log, options), at(log.position()) {
    auto catalog = std::make_shared<Catalog>();
    for (const auto* stream : {"orders", "items"}) (*catalog)[stream].name = stream;
    hub.set_catalog(catalog);
    hub.set_database_up(true);
    hub.start(kEpoch, at, "epoch");
  }

  // Reads one page and publishes it.
  void publish_page() {
    auto page = std::make_shared<const Batch>(log.read_after(at));
    at = page->end();
    hub.publish(std::move(page));
  }

  void commit_and_publish(int id = 1) {
    log.commit_one("orders", id);
    publish_page();
  }

  [[nodiscard]] std::unique_ptr<hub::Subscriber> subscribe(
      std::optional<std::string_view> last_event_id = std::nullopt) {
    return hub.subscribe(hub.catalog(), {"orders"}, last_event_id);
  }

  MemoryLog log;
  hub::Hub hub;
  Position at;  // where the listener stands
};

}  // namespace ordercast::testing
