// Clients for tests of the HTTP server, down to the bytes. Each is confined to one thread. All
// waiting has a deadline; what does not come in time is a std::runtime_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "http/request.h"
#include "support/child_process.h"
#include "support/sse_decoder.h"

namespace ordercast::testing {

// A TCP connection that sends and receives whatever it is told to.
class RawConnection {
 public:
  // `receive_buffer_bytes`: SO_RCVBUF, set before connecting; a small one makes a slow reader.
  explicit RawConnection(std::uint16_t port, const std::string& host = "127.0.0.1",
                         std::optional<int> receive_buffer_bytes = std::nullopt);

  // All of it, or false when the peer has closed.
  bool send(std::string_view bytes);
  // Ends our side; the peer sees the end of the stream.
  void end_sending();
  // Closes at once; the peer sees a reset.
  void reset();

  // What there is, at least a byte; empty when the peer has ended its side or reset.
  std::string read_some(std::chrono::milliseconds patience = kPatience);
  std::string read_to_end(std::chrono::milliseconds patience = kPatience);
  // Through `mark`, together with what has come after it.
  std::string read_until(std::string_view mark, std::chrono::milliseconds patience = kPatience);
  // Whether nothing, not even the end, comes for so long.
  [[nodiscard]] bool silent_for(std::chrono::milliseconds time) const;

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

// The body of a chunked message (RFC 9112 section 7.1), in pieces of any size. Throws on nonsense.
class ChunkDecoder {
 public:
  // Returns the data of the chunks so far.
  std::string feed(std::string_view bytes);
  // Whether the last chunk has been seen.
  [[nodiscard]] bool ended() const { return ended_; }
  // Bytes after the end of the message: there must be none.
  [[nodiscard]] const std::string& rest() const { return pending_; }

 private:
  std::string pending_;
  bool ended_ = false;
};

struct HttpResponse {
  int status = 0;
  std::string head;  // as it came
  std::vector<http::Header> headers;
  std::string body;       // without its framing
  bool complete = false;  // the length or the last chunk was there

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// All responses that `bytes` holds, one after another as a client would take them apart; empty for
// no bytes. Throws on what is no response. `head_only`: they answer HEAD.
[[nodiscard]] std::vector<HttpResponse> parse_responses(std::string_view bytes,
                                                        bool head_only = false);

// Sends the bytes on a connection of their own, and parses all that comes back.
[[nodiscard]] std::vector<HttpResponse> round_trip(std::uint16_t port, std::string_view bytes);

// One request, one response; anything else throws. Host and Content-Length are added.
[[nodiscard]] HttpResponse fetch(std::uint16_t port, std::string_view method,
                                 std::string_view target, std::string_view body = {},
                                 const std::vector<http::Header>& headers = {});

// An event stream that has been opened.
class EventStreamClient {
 public:
  EventStreamClient(std::uint16_t port, std::string_view target,
                    const std::vector<http::Header>& headers = {});

  [[nodiscard]] const HttpResponse& response() const { return response_; }
  // The next event; nullopt when the stream has ended. Throws when none comes in time.
  std::optional<SseEvent> next(std::chrono::milliseconds patience = kPatience);
  // The next event of that type, others are skipped. Throws when the stream ends before.
  SseEvent next_of_type(std::string_view type, std::chrono::milliseconds patience = kPatience);
  // Reads for so long at most; true when a whole event came, which next() then returns.
  bool has_event_within(std::chrono::milliseconds time);

  [[nodiscard]] const SseDecoder& decoder() const { return decoder_; }
  [[nodiscard]] RawConnection& connection() { return connection_; }
  // Whether the server has ended the stream properly, as opposed to cutting it.
  [[nodiscard]] bool ended_properly() const { return chunks_.ended(); }
  // Whether its end was read, of either kind.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  // False at the end of the stream.
  bool read_more(std::chrono::milliseconds patience);
  void take(std::string_view bytes);

  RawConnection connection_;
  HttpResponse response_;
  bool chunked_ = false;
  ChunkDecoder chunks_;
  SseDecoder decoder_;
  std::optional<SseEvent> ready_;
  bool ended_ = false;
};

}  // namespace ordercast::testing
