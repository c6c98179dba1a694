// What the streams of a node have done so far, for /metrics. Thread-safe: whoever does something
// counts it. To count something more, add a line here and one in app/metrics.cc.
//
// Nothing here is touched for each delivery: the fan-out counts a round at a time (fan_out.h), a
// connection's own thread a write at a time.
#pragma once

#include "base/counter.h"
#include "base/latency.h"
#include "base/tally.h"

namespace ordercast::hub {

struct Traffic {
  // Streams, and why they ended.
  Counter opened;
  Tally closed{"client_gone",   "complete",   "database_down", "drain",    "error",
               "lifetime",      "shutdown",   "slow_consumer", "withheld", "token_expired",
               "token_revoked", "signed_out", "stream_changed"};
  // Answers that were about to show rows of another tenant, and did not: each a fault of this
  // program, which its second check has caught.
  Counter withheld;
  // `reset` was told, by its reason (docs/protocol.md).
  Tally resets{"bad_cursor", "epoch", "reload", "retention", "too_large", "truncate"};

  // Changes that were read from the log, by what they are.
  Tally read{"insert", "update", "delete", "truncate", "reload", "message", "catalog"};
  // What the connections' own threads sent: the rest of torn frames, rows, replays, greetings.
  Counter events;
  Counter bytes;
  // Of these, to clients that resume or lag.
  Counter replayed;
  // From a client's request to resume until the fan-out wrote to it.
  Latency replay;
  // From when the last change of a page was made (the log knows no commit times) to when the
  // fan-out had offered it to all.
  Latency commit_to_send;
};

}  // namespace ordercast::hub
