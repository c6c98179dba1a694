// A PostgreSQL snapshot: which transactions are visible (PostgreSQL manual, 9.27.8 "pg_snapshot").
// Value type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ordercast {

// xid8: 64 bits, never wraps around, 0 is no transaction.
using TransactionId = std::uint64_t;

struct Snapshot {
  TransactionId xmin = 0;          // every id below has ended
  TransactionId xmax = 0;          // no id from here on was assigned to an ended transaction
  std::vector<TransactionId> xip;  // running when taken, ascending, each in [xmin, xmax)

  // The text form "xmin:xmax:xip,…" that PostgreSQL prints; nullopt when `text` is not one.
  [[nodiscard]] static std::optional<Snapshot> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  // The rules above hold, and xmin is exact (the first of xip, or xmax when there is none).
  [[nodiscard]] bool valid() const;

  // The changes of `tx`, should it have committed, are visible here.
  [[nodiscard]] bool sees(TransactionId tx) const;
  // Whatever `earlier` sees is seen here too.
  [[nodiscard]] bool contains(const Snapshot& earlier) const;
  // The same as far as ids below `limit` go; from there on it sees nothing.
  [[nodiscard]] Snapshot below(TransactionId limit) const;

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace ordercast
