#include "pg/change_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

namespace ordercast::pg {
namespace {

// What we do not know is a newer version's: told as the worst that it can be, clients start over.
Op op_of(const pqxx::field& field) {
  const auto op = static_cast<Op>(field.c_str()[0]);
  switch (op) {
    case Op::kInsert:
    case Op::kUpdate:
    case Op::kDelete:
    case Op::kTruncate:
    case Op::kReload:
    case Op::kMessage:
    case Op::kCatalog:
      return op;
  }
  return Op::kReload;
}

}  // namespace

std::string array_text(const std::vector<TransactionId>& xip) {
  return fmt::format("{{{}}}", fmt::join(xip, ","));
}

Snapshot snapshot_of(const pqxx::field& field) {
  auto snapshot = Snapshot::parse(field.c_str());
  if (!snapshot) throw std::runtime_error(fmt::format("not a snapshot: {}", field.c_str()));
  return *std::move(snapshot);
}

std::string text_of(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

std::optional<std::string> text_or_none(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional(text_of(field));
}

Change change_of(const pqxx::row& row) {
  return {.seq = row["seq"].as<std::int64_t>(),
          .tx = row["tx"].as<TransactionId>(),
          .stream = text_of(row["stream"]),
          .op = op_of(row["op"]),
          .key = text_of(row["key"]),
          .old_row = text_of(row["old_row"]),
          .new_row = text_of(row["new_row"]),
          .at = text_of(row["at"]),
          .truncated = row["truncated"].as<bool>(),
          .old_tenant = text_or_none(row["old_tenant"]),
          .new_tenant = text_or_none(row["new_tenant"])};
}

}  // namespace ordercast::pg
