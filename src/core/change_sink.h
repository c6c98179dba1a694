// Takes what the listener reads: the other half of the seam between PostgreSQL and the hub.
// Called by the listener thread only, in log order; must not block on clients.
#pragma once

#include <string_view>

#include "core/batch.h"
#include "core/epoch.h"
#include "core/position.h"
#include "core/revocations.h"
#include "core/stream_info.h"

namespace ordercast {

class ChangeSink {
 public:
  virtual ~ChangeSink() = default;

  // History begins (again) at `position` in `epoch`: what was published before does not join it.
  // `reason` is one of the words of `reset` (docs/protocol.md) and goes to whoever was listening.
  virtual void start(const Epoch& epoch, const Position& position, std::string_view reason) = 0;
  // The next page; page->from is where the last one ended. An empty page only moves the position.
  virtual void publish(BatchPtr page) = 0;
  virtual void set_catalog(CatalogPtr catalog) = 0;
  // Whether the database is reachable now. Changes published before stay valid.
  virtual void set_database_up(bool up) = 0;
  // All that there are now. For those who serve nobody there is nothing to do.
  virtual void set_revocations(RevocationsPtr /*revoked*/) {}
};

}  // namespace ordercast
