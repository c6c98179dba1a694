// The present rows of one view, while one thread reads them and several send them: encoded text
// that grows at its end. The first part is in memory, the rest in a temporary file, so that any
// table costs bounded memory, once for all who share it. Thread-safe; no lock is held while a page
// is encoded or a client written.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/unnamed_file.h"
#include "core/frame_format.h"
#include "core/position.h"
#include "core/view.h"
#include "hub/frames.h"

namespace ordercast::hub {

// Who sends the rows to a client.
struct RowSink {
  // False when the client is gone. `within`: they go on with the frame that the last ones broke
  // off, so nothing may be said before them.
  std::function<bool(const Frames&, bool within)> send;
  // The client is gone; asked while there is nothing to send. Never blocks.
  std::function<bool()> gone;
};

class RowShare {
 public:
  // Whoever makes it reads the rows and is its first sharer. `since`: the snapshot of the rows will
  // see all that this sees. `format`: of the frames.
  RowShare(Snapshot since, FrameFormat format) : since_(std::move(since)), format_(format) {}

  // One more who sends them, unless nobody reads any more, or the rows may be older than
  // `at_least`.
  [[nodiscard]] bool join(const std::optional<Snapshot>& at_least) EXCLUDES(mutex_);
  // He goes; whoever has joined calls it once.
  void leave() EXCLUDES(mutex_);

  // For the reader. False when no sharer is left: then nobody can join any more.
  [[nodiscard]] bool append(const View::Told& rows) EXCLUDES(mutex_);
  void end(Position position) EXCLUDES(mutex_);
  void fail(std::exception_ptr failure) EXCLUDES(mutex_);
  // It was read for more than one, and takes no more than memory.
  [[nodiscard]] bool worth_keeping() EXCLUDES(mutex_);

  // Sends all of it, waiting for what is not read yet, and returns the position that the rows are
  // of; nullopt when the client is gone. Throws what the reader was told, between two frames. What
  // it sends are whole frames, but for one of more than kPartBytes, which comes in parts of its
  // own.
  [[nodiscard]] std::optional<Position> send_to(const RowSink& sink) EXCLUDES(mutex_);

  // All that a sharer takes of the file at once: there may be many.
  static constexpr std::size_t kPartBytes = std::size_t{64} << 10;

 private:
  // A few hundred rows need no file.
  static constexpr std::size_t kMemoryBytes = std::size_t{1} << 20;

  // How far a sharer has come.
  struct Place {
    std::size_t pieces = 0;
    std::size_t file_bytes = 0;
    bool torn = false;  // it is in the midst of a frame
  };
  struct Part {
    FramesPtr piece = nullptr;
    std::size_t file_bytes = 0;        // or of the file, in which so many follow
    Whose whose = Whose::everybody();  // what is in the file
    std::optional<Position> end = std::nullopt;
  };
  // Waits for it a while; an empty one when it has not come.
  [[nodiscard]] Part next(const Place& place) EXCLUDES(mutex_);
  // What of the file is sent next, of so many bytes that follow. Lives in `buffer`.
  [[nodiscard]] std::string_view read_file(Place& place, std::size_t follow, std::string& buffer);

  const Snapshot since_;
  const FrameFormat format_;
  Mutex mutex_;
  CondVar grown_;
  std::size_t sharers_ GUARDED_BY(mutex_) = 1;
  bool crowd_ GUARDED_BY(mutex_) = false;
  bool abandoned_ GUARDED_BY(mutex_) = false;
  std::vector<FramesPtr> pieces_ GUARDED_BY(mutex_);
  std::size_t memory_ GUARDED_BY(mutex_) = 0;
  std::size_t file_bytes_ GUARDED_BY(mutex_) = 0;
  Whose in_file_ GUARDED_BY(mutex_) = Whose::everybody();
  std::unique_ptr<UnnamedFile> file_;  // made before file_bytes_ grows, then only appended to
  std::optional<Position> position_ GUARDED_BY(mutex_);  // at the end
  std::exception_ptr failure_ GUARDED_BY(mutex_);
};

using RowSharePtr = std::shared_ptr<RowShare>;

}  // namespace ordercast::hub
