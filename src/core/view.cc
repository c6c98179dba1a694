#include "core/view.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

#include "core/cursor.h"

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
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", stream, filter.canonical(), selection.canonical(),
                     events.canonical(), static_cast<int>(format), window.canonical());
}

std::string View::encode(const ParsedBatch& page, const Epoch& epoch,
                         const Position& reader) const {
  return encode(page, epoch, reader, all_of(page));
}

std::string View::encode(const ParsedBatch& page, const Epoch& epoch, const Position& reader,
                         std::span<const std::size_t> candidates) const {
  std::vector<std::pair<const ParsedChange*, EventKind>> wanted;
  for (const auto index : candidates) {
    const auto& change = page.changes()[index];
    if (reader.has(change.change())) continue;
    if (const auto kind = judge(change).kind) wanted.emplace_back(&change, *kind);
  }
  const auto& batch = page.batch();
  std::string frames;
  for (const auto& [change, kind] : wanted) {
    // After the last one for this view the reader has had the whole batch: the id is the short one.
    const bool last_of_batch = batch.complete && change == wanted.back().first;
    const Position after =
        last_of_batch ? Position{batch.now, std::nullopt}
                      : Position{reader.seen, Position::InBatch{batch.now, change->change().seq}};
    append_change(frames, spec_.format, kind, *change, spec_.selection,
                  Cursor{epoch, after}.encode());
  }
  return frames;
}

void View::append_row(std::string& out, const SnapshotRow& row) const {
  if (!spec_.filter.empty() && !spec_.filter.matches(Row(row.row))) return;
  append_snapshot_row(out, spec_.format, row, spec_.selection);
}

std::string_view View::reset_in(const ParsedBatch& page, const Position& reader) const {
  return reset_in(page, reader, all_of(page));
}

std::string_view View::reset_in(const ParsedBatch& page, const Position& reader,
                                std::span<const std::size_t> candidates) const {
  for (auto index = candidates.rbegin(); index != candidates.rend(); ++index) {
    const auto& change = page.changes()[*index];
    if (is_reset_here(change) && !reader.has(change.change())) {
      return reset_reason(change.change());
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

View::Judgement View::judge(const ParsedChange& parsed) const {
  const Change& change = parsed.change();
  if (change.stream != spec_.stream) return {.reason = "It is of another stream."};
  if (change.op == Op::kCatalog) return {.reason = "It is for the servers, not for clients."};
  if (!spec_.window.has(change)) return {.reason = "It is not of the time that is asked for."};
  if (is_reset_here(parsed)) {
    return {.kind = EventKind::kReset,
            .reason = is_reset(change.op)
                          ? "It voids what every client of the stream holds."
                          : "Its rows are too large for the filter to look at: they may be yours."};
  }
  auto judgement = change.op == Op::kMessage
                       ? Judgement{.kind = EventKind::kMessage,
                                   .reason = "It has no row, so that no filter holds it back."}
                       : judge_row(parsed);
  if (judgement.kind && !spec_.events.has(event_name(*judgement.kind, change))) {
    judgement.kind.reset();
    judgement.reason = "It is none of the events that `events` asks for.";
  }
  return judgement;
}

View::Judgement View::judge_row(const ParsedChange& parsed) const {
  const Op op = parsed.change().op;
  Judgement judgement{.old_row_matches = std::nullopt,
                      .new_row_matches = std::nullopt,
                      .kind = op == Op::kInsert   ? EventKind::kInsert
                              : op == Op::kDelete ? EventKind::kDelete
                                                  : EventKind::kUpdate,
                      .reason = "It is told."};
  // Without a filter rows need not be split for this.
  const auto matches = [&](const auto& row) {
    return spec_.filter.empty() || spec_.filter.matches(*row());
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
  // A filter that cannot look at the rows can neither show the change nor hide it: one is a leak,
  // the other a silent loss.
  return !spec_.filter.empty() && is_of_row(change.op) && !parsed.has_rows();
}

}  // namespace ordercast
