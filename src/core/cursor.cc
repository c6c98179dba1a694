#include "core/cursor.h"

#include "core/base64url.h"
#include "core/varint.h"

namespace ordercast {
namespace {

// `base` is what xmax counts from: 0 for the first snapshot, its xmax for the second.
void put_snapshot(std::string& out, const Snapshot& snapshot, TransactionId base) {
  put_varint(out, snapshot.xmax - base);
  put_varint(out, snapshot.xip.size());
  TransactionId above = snapshot.xmax;
  for (auto id = snapshot.xip.rbegin(); id != snapshot.xip.rend(); ++id) {
    put_varint(out, above - *id);
    above = *id;
  }
}

std::optional<Snapshot> take_snapshot(std::string_view& bytes, TransactionId base) {
  const auto distance = take_varint(bytes);
  const auto count = take_varint(bytes);
  // Each running id takes a byte at least: a huge count cannot make us allocate.
  if (!distance || !count || *count > bytes.size()) return std::nullopt;
  Snapshot snapshot;
  snapshot.xmax = base + *distance;
  if (snapshot.xmax < base) return std::nullopt;
  snapshot.xip.resize(*count);
  TransactionId above = snapshot.xmax;
  for (auto id = snapshot.xip.rbegin(); id != snapshot.xip.rend(); ++id) {
    const auto step = take_varint(bytes);
    if (!step || *step == 0 || *step >= above) return std::nullopt;
    above = *id = above - *step;
  }
  snapshot.xmin = above;
  if (!snapshot.valid()) return std::nullopt;
  return snapshot;
}

std::optional<Epoch> take_epoch(std::string_view& bytes) {
  if (bytes.size() < Epoch::kBytes) return std::nullopt;
  Epoch epoch;
  for (int i = 0; i < Epoch::kBytes; ++i) {
    epoch.id = epoch.id << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  }
  bytes.remove_prefix(Epoch::kBytes);
  return epoch;
}

}  // namespace

std::string Cursor::encode() const {
  std::string bytes;
  for (int shift = 8 * (Epoch::kBytes - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(epoch.id >> shift & 0xff));
  }
  put_snapshot(bytes, position.seen, 0);
  if (const auto& in_batch = position.in_batch) {
    put_snapshot(bytes, in_batch->target, position.seen.xmax);
    put_varint(bytes, static_cast<std::uint64_t>(in_batch->seq));
  }
  return kVersion + base64url_encode(bytes);
}

std::optional<Cursor> Cursor::decode(std::string_view text) {
  if (text.empty() || text.size() > kMaxChars || text.front() != kVersion) return std::nullopt;
  const auto decoded = base64url_decode(text.substr(1));
  if (!decoded) return std::nullopt;
  std::string_view bytes = *decoded;

  Cursor cursor;
  const auto epoch = take_epoch(bytes);
  if (!epoch) return std::nullopt;
  cursor.epoch = *epoch;
  auto seen = take_snapshot(bytes, 0);
  if (!seen) return std::nullopt;
  cursor.position.seen = std::move(*seen);
  if (!bytes.empty()) {
    auto target = take_snapshot(bytes, cursor.position.seen.xmax);
    const auto seq = take_varint(bytes);
    if (!target || !seq || *seq > INT64_MAX || !bytes.empty()) return std::nullopt;
    if (!target->contains(cursor.position.seen)) return std::nullopt;
    cursor.position.in_batch =
        Position::InBatch{std::move(*target), static_cast<std::int64_t>(*seq)};
  }
  return cursor;
}

}  // namespace ordercast
