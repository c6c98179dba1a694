// What a condition compares and rows are ordered by: a column, or what a path into a jsonb one
// leads to. An immutable value, thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/filter_scanner.h"
#include "core/filter_value.h"
#include "core/json_path.h"
#include "core/stream_info.h"

namespace ordercast {

struct FilterSubject {
  std::string column;
  JsonPath path;
  FilterType type;
  std::string description;  // for errors: "total numeric(12,2)", "items->0->price as a number"

  // "total", "items->0->>sku", "\"Ship to\"->city": as far as it goes. Only columns that the stream
  // sends are there. Throws FilterError.
  [[nodiscard]] static FilterSubject read(FilterScanner& text, const StreamInfo& stream);

  // {"column":"items","path":[0,"sku"],"as":"text"}, without path and as where it is the column
  // itself: what sql/0010_rows.sql takes.
  [[nodiscard]] nlohmann::json json() const;
};

}  // namespace ordercast
