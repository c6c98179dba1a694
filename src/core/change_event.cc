#include "core/change_event.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "core/reset.h"

namespace ordercast {
namespace {

// In a row's place.
constexpr std::string_view kTruncated = R"(null,"truncated":true)";

// As JSON has it: an escape stays one, so that no line break can come in.
std::string_view message_name(const Change& change) {
  const auto token = Row(change.key).find("event");
  if (!token || token->size() < 2) throw std::invalid_argument("a message has no name");
  return token->substr(1, token->size() - 2);
}

// {"status":["paid","shipped"]}: members whose text differs. One statement wrote both rows, so they
// have the same members in the same order.
void append_changed(std::string& out, const Row& old_row, const Row& new_row) {
  const auto& before = old_row.members();
  const auto& after = new_row.members();
  out += '{';
  const char* separator = "";
  for (std::size_t i = 0; i < after.size() && i < before.size(); ++i) {
    if (before[i].name != after[i].name || before[i].value == after[i].value) continue;
    fmt::format_to(std::back_inserter(out), "{}{}:[{},{}]", separator, after[i].name,
                   before[i].value, after[i].value);
    separator = ",";
  }
  out += '}';
}

void append_rows(std::string& data, EventKind kind, const ParsedChange& change,
                 const Selection& selection) {
  const bool was = kind == EventKind::kDelete;
  const auto& text = was ? change.change().old_row : change.change().new_row;
  if (selection.all() && !text.empty()) {
    data += text;
  } else if (const auto* row = was ? change.old_row() : change.new_row()) {
    selection.append_row(data, *row);
  } else {
    data += kTruncated;
  }
  if (kind != EventKind::kUpdate || !change.has_rows()) return;
  data += R"(,"changed":)";
  if (selection.all()) {
    append_changed(data, *change.old_row(), *change.new_row());
  } else {
    selection.append_changed(data, *change.old_row(), *change.new_row());
  }
}

std::string change_data(EventKind kind, const ParsedChange& parsed, const Selection& selection) {
  const Change& change = parsed.change();
  if (kind == EventKind::kReset) return reset_data(reset_reason(parsed), &change);
  std::string data;
  data.reserve(change.new_row.size() + change.old_row.size() + change.key.size() + 128);
  fmt::format_to(std::back_inserter(data), R"({{"op":"{}",)", op_name(change.op));
  if (kind == EventKind::kMessage) {
    fmt::format_to(std::back_inserter(data), R"("data":{})", change.new_row);
  } else {
    fmt::format_to(std::back_inserter(data), R"("key":{},"row":)", change.key);
    append_rows(data, kind, parsed, selection);
  }
  fmt::format_to(std::back_inserter(data), R"(,"at":"{}","seq":{}}})", change.at, change.seq);
  return data;
}

}  // namespace

std::string_view op_name(Op op) {
  switch (op) {
    case Op::kInsert:
      return "insert";
    case Op::kUpdate:
      return "update";
    case Op::kDelete:
      return "delete";
    case Op::kMessage:
      return "message";
    case Op::kTruncate:
      return "truncate";
    case Op::kReload:
      return "reload";
    case Op::kCatalog:
      return "catalog";
  }
  throw std::logic_error("no such op");
}

std::string_view event_name(EventKind kind, const Change& change) {
  switch (kind) {
    case EventKind::kInsert:
      return "insert";
    case EventKind::kUpdate:
      return "update";
    case EventKind::kDelete:
      return "delete";
    case EventKind::kReset:
      return "reset";
    case EventKind::kMessage:
      break;
  }
  return message_name(change);
}

void append_change(std::string& out, FrameFormat format, EventKind kind, const ParsedChange& change,
                   const Selection& selection, std::string_view cursor) {
  append_event(out, format,
               {.id = cursor,
                .name = event_name(kind, change.change()),
                .data = change_data(kind, change, selection)});
}

std::string_view reset_reason(const ParsedChange& change) {
  if (is_reset(change.change().op)) return reset_reason(change.change().op);
  return change.has_rows() ? "reload" : "too_large";
}

void append_snapshot_row(std::string& out, FrameFormat format, const SnapshotRow& row,
                         const Selection& selection) {
  auto data = fmt::format(R"({{"op":"insert","key":{},"row":)", row.key);
  if (row.row.empty()) {
    data += kTruncated;
  } else if (selection.all()) {
    data += row.row;
  } else {
    selection.append_row(data, Row(row.row));
  }
  data += R"(,"snapshot":true})";
  append_event(out, format, {.id = {}, .name = "insert", .data = data});
}

}  // namespace ordercast
