#include "core/view.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

#include "core/cursor.h"
#include "core/json_text.h"

namespace ordercast {
namespace {

std::vector<std::size_t> all_of(const ParsedBatch& page) {
  std::vector<std::size_t> indexes(page.changes().size());
  std::iota(indexes.begin(), indexes.end(), std::size_t{0});
  return indexes;
}

}  // namespace

std::string ViewSpec::canonical() const {
  // Neither a stream's name nor a column's can hold a line break unquoted.
  // A tenant is last: its value can hold anything.
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", stream, filter.canonical(),
                     selection.canonical(), events.canonical(), static_cast<int>(format),
                     window.canonical(), tenant ? "of " + tenant->value : "");
}

std::vector<Filter::RequiredValue> View::needed_values() const {
  auto values = spec_.filter.needed_values();
  if (spec_.tenant) values.push_back({spec_.tenant->column, {spec_.tenant->token}});
  return values;
}

View::Told View::encode(const ParsedBatch& page, const Epoch& epoch, const Position& reader) const {
  return encode(page, epoch, reader, all_of(page));
}

View::Told View::encode(const ParsedBatch& page, const Epoch& epoch, const Position& reader,
                        std::span<const std::size_t> candidates) const {
  std::vector<std::pair<const ParsedChange*, EventKind>> wanted;
  for (const auto index : candidates) {
    const auto& change = page.changes()[index];
    if (reader.has(change.change())) continue;
    if (const auto kind = judge(change).kind) wanted.emplace_back(&change, *kind);
  }
  const auto& batch = page.batch();
  Told told;
  for (const auto& [change, kind] : wanted) {
    // After the last one for this view the reader has had the whole batch: the id is the short one.
    const bool last_of_batch = batch.complete && change == wanted.back().first;
    const Position after =
        last_of_batch ? Position{batch.now, std::nullopt}
                      : Position{reader.seen, Position::InBatch{batch.now, change->change().seq}};
    append_change(told.text, spec_.format, kind, *change, spec_.selection,
                  Cursor{epoch, after}.encode());
    told.whose.add(kind, change->change());
  }
  return told;
}

void View::append_row(Told& out, const SnapshotRow& row) const {
  const bool sees_all = spec_.filter.empty() && !spec_.tenant;
  // What is too large to be looked at here was looked at by PostgreSQL, and is told by its key.
  const bool looked_at = !row.row.empty();
  if (looked_at && !sees_all && !shows(Row(row.row))) return;
  append_snapshot_row(out.text, spec_.format, row, spec_.selection);
  out.whose.add_row(row.tenant);
}

bool View::shows(const Row& row) const {
  return (!spec_.tenant || spec_.tenant->owns(row)) && spec_.filter.matches(row);
}

std::string_view View::reset_in(const ParsedBatch& page, const Position& reader) const {
  return reset_in(page, reader, all_of(page));
}

std::string_view View::reset_in(const ParsedBatch& page, const Position& reader,
                                std::span<const std::size_t> candidates) const {
  for (auto index = candidates.rbegin(); index != candidates.rend(); ++index) {
    const auto& change = page.changes()[*index];
    if (is_reset_here(change) && !reader.has(change.change())) {
      return reset_reason(change);
    }
  }
  return {};
}

View::Explanation View::explain(const Change& change) const {
  const auto judgement = judge(ParsedChange(change));
  return {.old_row_matches = judgement.old_row_matches,
          .new_row_matches = judgement.new_row_matches,
          .event = judgement.kind ? event_name(*judgement.kind, change) : std::string_view{},
          .reason = judgement.reason};
}

bool View::concerns(const Change& change) const {
  const ParsedChange parsed(change);
  const auto judgement = judge(parsed);
  return judgement.kind || judgement.old_row_matches.value_or(false) ||
         judgement.new_row_matches.value_or(false);
}

View::Judgement View::judge(const ParsedChange& parsed) const {
  const Change& change = parsed.change();
  if (change.stream != spec_.stream) return {.reason = "It is of another stream."};
  if (change.op == Op::kCatalog) return {.reason = "It is for the servers, not for clients."};
  if (!spec_.window.has(change)) return {.reason = "It is not of the time that is asked for."};
  if (is_reset_here(parsed)) {
    return {.kind = EventKind::kReset,
            .reason = is_reset(change.op) ? "It voids what every client of the stream holds."
                      : parsed.has_rows()
                          ? "It is of before the log said whose rows they are: they may be yours."
                          : "Its rows are too large for the filter to look at: they may be yours."};
  }
  auto judgement = change.op == Op::kMessage ? judge_message(change) : judge_row(parsed);
  if (judgement.kind && !spec_.events.has(event_name(*judgement.kind, change))) {
    judgement.kind.reset();
    judgement.reason = "It is none of the events that `events` asks for.";
  }
  return judgement;
}

View::Judgement View::judge_message(const Change& change) const {
  const auto owner = spec_.tenant ? Row(change.key).find("tenant") : std::nullopt;
  if (owner && *owner != json_token(spec_.tenant->value)) {
    return {.reason = "It is a message to somebody else."};
  }
  return {.kind = EventKind::kMessage, .reason = "It has no row, so that no filter holds it back."};
}

View::Judgement View::judge_row(const ParsedChange& parsed) const {
  const Op op = parsed.change().op;
  Judgement judgement{.old_row_matches = std::nullopt,
                      .new_row_matches = std::nullopt,
                      .kind = op == Op::kInsert   ? EventKind::kInsert
                              : op == Op::kDelete ? EventKind::kDelete
                                                  : EventKind::kUpdate,
                      .reason = "It is told."};
  // Where all rows are shown they need not be split for this. A row that cannot be looked at is of
  // no tenant: is_reset_here() has told those that it may be.
  const auto matches = [&](const auto& row) {
    if (spec_.filter.empty() && !spec_.tenant) return true;
    const Row* const found = row();
    return found != nullptr && shows(*found);
  };
  if (op != Op::kInsert) {
    judgement.old_row_matches = matches([&] { return parsed.old_row(); });
  }
  if (op != Op::kDelete) {
    judgement.new_row_matches = matches([&] { return parsed.new_row(); });
  }
  const bool was = judgement.old_row_matches.value_or(false);
  const bool is = judgement.new_row_matches.value_or(false);
  if (!was && !is) {
    judgement.kind.reset();
    judgement.reason = "No row of it matches the filter.";
  } else if (!was) {
    judgement.kind = EventKind::kInsert;
  } else if (!is) {
    judgement.kind = EventKind::kDelete;
  } else if (!spec_.selection.all() && parsed.has_rows() &&
             !spec_.selection.differs(*parsed.old_row(), *parsed.new_row())) {
    judgement.kind.reset();
    judgement.reason = "Nothing that `select` shows has changed.";
  }
  return judgement;
}

bool View::is_reset_here(const ParsedChange& parsed) const {
  const Change& change = parsed.change();
  if (change.stream != spec_.stream || !spec_.window.has(change)) return false;
  if (is_reset(change.op)) return true;
  if (!is_of_row(change.op)) return false;
  // A filter that cannot look at the rows can neither show the change nor hide it: one is a leak,
  // the other a silent loss. Those whose rows they are not need not be told.
  if (!spec_.tenant) return !spec_.filter.empty() && !parsed.has_rows();
  if (parsed.has_rows()) return is_unattributed(parsed);
  const bool log_says =
      change.tx >= spec_.tenant->since && (change.old_tenant || change.new_tenant);
  return !log_says || change.old_tenant == spec_.tenant->value ||
         change.new_tenant == spec_.tenant->value;
}

bool View::is_unattributed(const ParsedChange& parsed) const {
  const Change& change = parsed.change();
  const Tenant& tenant = *spec_.tenant;
  const auto unsaid = [&](const Row* row, const std::optional<std::string>& owner) {
    return (!owner || change.tx < tenant.since) && row != nullptr && tenant.owns(*row);
  };
  return unsaid(parsed.old_row(), change.old_tenant) || unsaid(parsed.new_row(), change.new_tenant);
}

}  // namespace ordercast
