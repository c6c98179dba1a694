// What a stream is: a watched table under its public name. Value types; a catalog is immutable once
// shared.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/snapshot.h"

namespace ordercast {

struct Column {
  std::string name;
  std::string type;                      // as format_type() prints it: "numeric(12,2)"
  std::string base = {};                 // the type below domains, without modifiers: "numeric"
  std::vector<std::string> labels = {};  // of an enum, in their order
  friend bool operator==(const Column&, const Column&) = default;
};

struct StreamInfo {
  std::string name;              // public name: ^[a-z_][a-z0-9_]{0,62}$
  std::string table;             // schema-qualified, quoted where SQL needs it: public.orders
  std::vector<std::string> key;  // columns of the key, in its order
  std::vector<Column> columns;   // those that are sent
  // They were chosen of those that the table has: rows that the log has of before may have others,
  // which must not be sent any more.
  bool columns_chosen = false;
  std::string tenant;              // column that says whose row it is; empty when none
  TransactionId tenant_since = 0;  // changes of earlier transactions do not say it by this column
  friend bool operator==(const StreamInfo&, const StreamInfo&) = default;
};

using Catalog = std::map<std::string, StreamInfo, std::less<>>;
using CatalogPtr = std::shared_ptr<const Catalog>;

}  // namespace ordercast
