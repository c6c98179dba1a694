#include "core/change_event.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "core/json_members.h"
#include "core/reset.h"
#include "core/row.h"
#include "core/sse.h"

namespace ordercast {
namespace {

std::string_view event_name(Op op) {
  switch (op) {
    case Op::kInsert:
      return "insert";
    case Op::kUpdate:
      return "update";
    case Op::kDelete:
      return "delete";
    case Op::kTruncate:
    case Op::kReload:
      return "reset";
    case Op::kMessage:
    case Op::kCatalog:
      break;
  }
  throw std::logic_error("this change is not for clients");
}

// What ordercast.publish() was given: a name without escapes.
std::string_view event_name(const Change& change) {
  if (change.op != Op::kMessage) return event_name(change.op);
  const auto name = Row(change.key).find("event");
  if (!name) throw std::logic_error("a message without a name");
  return name->substr(1, name->size() - 2);
}

// {"status":["paid","shipped"]}: members whose text differs. One statement wrote both rows, so they
// have the same members in the same order.
void append_changed(std::string& out, std::string_view old_row, std::string_view new_row) {
  const auto before = json_members(old_row);
  const auto after = json_members(new_row);
  out += R"(,"changed":{)";
  const char* separator = "";
  for (std::size_t i = 0; i < after.size() && i < before.size(); ++i) {
    if (before[i].name != after[i].name || before[i].value == after[i].value) continue;
    fmt::format_to(std::back_inserter(out), "{}{}:[{},{}]", separator, after[i].name,
                   before[i].value, after[i].value);
    separator = ",";
  }
  out += '}';
}

std::string change_data(const Change& change) {
  if (is_reset(change.op)) return reset_data(reset_reason(change.op), &change);
  if (change.op == Op::kMessage) {
    return fmt::format(R"({{"op":"message","data":{},"at":"{}","seq":{}}})", change.new_row,
                       change.at, change.seq);
  }
  const std::string& row = change.op == Op::kDelete ? change.old_row : change.new_row;
  std::string data;
  data.reserve(row.size() + change.key.size() + 128);
  fmt::format_to(std::back_inserter(data), R"({{"op":"{}","key":{},"row":{})",
                 event_name(change.op), change.key, row.empty() ? "null" : row);
  if (change.truncated) {
    data += R"(,"truncated":true)";
  } else if (change.op == Op::kUpdate) {
    append_changed(data, change.old_row, change.new_row);
  }
  fmt::format_to(std::back_inserter(data), R"(,"at":"{}","seq":{}}})", change.at, change.seq);
  return data;
}

}  // namespace

void append_change(std::string& out, const Change& change, std::string_view cursor) {
  sse::append(out, {.id = cursor, .name = event_name(change), .data = change_data(change)});
}

void append_snapshot_row(std::string& out, const SnapshotRow& row) {
  const auto data =
      fmt::format(R"({{"op":"insert","key":{},"row":{},"snapshot":true}})", row.key, row.row);
  sse::append(out, {.id = {}, .name = "insert", .data = data});
}

}  // namespace ordercast
