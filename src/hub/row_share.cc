#include "hub/row_share.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "core/whole_frames.h"

namespace ordercast::hub {
namespace {

// How often who waits for rows looks whether its client is still there: a table that is locked
// sends nothing that would wake it.
constexpr std::chrono::seconds kLook{1};

}  // namespace

bool RowShare::join(const std::optional<Snapshot>& at_least) {
  MutexLock lock(mutex_);
  if (abandoned_ || failure_ || (at_least && !since_.contains(*at_least))) return false;
  ++sharers_;
  crowd_ = true;
  return true;
}

void RowShare::leave() {
  MutexLock lock(mutex_);
  --sharers_;
}

bool RowShare::append(const View::Told& rows) {
  const auto& text = rows.text;
  bool in_memory = false;
  {
    MutexLock lock(mutex_);
    if (sharers_ == 0) return abandoned_ = true, false;
    in_memory = file_bytes_ == 0 && memory_ + text.size() <= kMemoryBytes;
  }
  // No client needs to be told of rows that its view does not show.
  if (text.empty()) return true;
  FramesPtr piece;
  if (in_memory) {
    piece = std::make_shared<const Frames>(text, 0, rows.whose);
  } else {
    if (!file_) file_ = std::make_unique<UnnamedFile>();
    file_->append(text);
  }
  MutexLock lock(mutex_);
  if (piece) {
    memory_ += text.size();
    pieces_.push_back(std::move(piece));
  } else {
    file_bytes_ += text.size();
    in_file_.add(rows.whose);
  }
  grown_.notify_all();
  return true;
}

void RowShare::end(Position position) {
  MutexLock lock(mutex_);
  position_ = std::move(position);
  grown_.notify_all();
}

void RowShare::fail(std::exception_ptr failure) {
  MutexLock lock(mutex_);
  failure_ = std::move(failure);
  grown_.notify_all();
}

bool RowShare::worth_keeping() {
  MutexLock lock(mutex_);
  return crowd_ && position_ && file_bytes_ == 0;
}

std::optional<Position> RowShare::send_to(const RowSink& sink) {
  Place place;
  std::string buffer;
  for (;;) {
    const auto part = next(place);
    if (part.end) return part.end;
    bool here = true;
    if (part.piece) {
      ++place.pieces;
      here = sink.send(*part.piece, false);
    } else if (part.file_bytes > 0) {
      const bool within = place.torn;
      here = sink.send(Frames(read_file(place, part.file_bytes, buffer), 0, part.whose), within);
    } else {
      here = !sink.gone();
    }
    if (!here) return std::nullopt;
  }
}

std::string_view RowShare::read_file(Place& place, std::size_t follow, std::string& buffer) {
  buffer.resize(std::min(kPartBytes, follow));
  file_->read_at(place.file_bytes, buffer);
  const auto whole = whole_frames(buffer, format_);
  const auto part = std::string_view(buffer).substr(0, whole > 0 ? whole : buffer.size());
  place.file_bytes += part.size();
  place.torn = whole == 0;
  return part;
}

RowShare::Part RowShare::next(const Place& place) {
  const auto until = std::chrono::steady_clock::now() + kLook;
  MutexLock lock(mutex_);
  for (bool in_time = true;; in_time = grown_.wait_until(mutex_, until)) {
    if (failure_ && !place.torn) std::rethrow_exception(failure_);
    if (place.pieces < pieces_.size()) return {.piece = pieces_[place.pieces]};
    if (place.file_bytes < file_bytes_) {
      return {.file_bytes = file_bytes_ - place.file_bytes, .whose = in_file_};
    }
    if (position_) return {.end = position_};
    if (!in_time) return {};
  }
}

}  // namespace ordercast::hub
