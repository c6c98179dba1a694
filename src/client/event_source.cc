#include "client/event_source.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

namespace ordercast::client {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Of an answer that is no stream, for the message.
constexpr std::size_t kMostAnswerBytes = 2'000;
// What a server may ask for. Pauses grow from the former, so it must not be 0.
constexpr milliseconds kShortestRetry{100};
constexpr milliseconds kLongestAsked{300'000};

// What a server or a proxy in front of it says while it restarts or has too much to do.
bool passes(int status) {
  return status == 408 || status == 429 || status >= 500;
}

// True when it became readable.
bool readable_within(int wake, milliseconds time) {
  pollfd interest{.fd = wake, .events = POLLIN, .revents = 0};
  return ::poll(&interest, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace

EventSource::EventSource(EventSourceOptions options)
    : options_(std::move(options)),
      backoff_(options_.retry, options_.longest_pause, options_.random) {}

EventSource::End EventSource::run(EventHandler& handler, int wake) {
  for (;;) {
    switch (follow(handler, wake)) {
      case Step::kEnough:
        return End::kEnough;
      case Step::kWoken:
        return End::kWoken;
      case Step::kTold:
        return End::kTold;
      case Step::kLost:
      case Step::kGoOn:
        break;
    }
    const auto pause = next_pause();
    handler.on_pause(pause, problem_);
    if (readable_within(wake, pause)) return End::kWoken;
  }
}

TransferRequest EventSource::request() const {
  TransferRequest request{.url = options_.url,
                          .headers = {"Accept: text/event-stream", "Cache-Control: no-cache"},
                          .ca_file = options_.ca_file};
  const auto& last = parser_.last_event_id();
  const auto& id = last.empty() ? options_.last_event_id : last;
  if (!id.empty()) request.headers.push_back("Last-Event-ID: " + id);
  const auto token = options_.token();
  if (!token.empty()) request.headers.push_back("Authorization: Bearer " + token);
  return request;
}

EventSource::Step EventSource::follow(EventHandler& handler, int wake) {
  Transfer transfer(request());
  parser_.restart();
  asked_pause_ = {};
  answer_.clear();
  auto last_byte = Clock::now();
  for (std::string bytes;; bytes.clear()) {
    const auto limit = last_byte + options_.silence_limit;
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
    if (left.count() <= 0) {
      problem_ = fmt::format("nothing came for {} s", options_.silence_limit.count() / 1000.0);
      return Step::kLost;
    }
    const auto state = transfer.receive(bytes, wake, left);
    if (!bytes.empty()) last_byte = Clock::now();
    const auto step = take_answer(transfer, state, bytes, handler);
    if (step != Step::kGoOn) return step;
    if (readable_within(wake, milliseconds(0))) return Step::kWoken;
  }
}

EventSource::Step EventSource::take_answer(const Transfer& transfer, Transfer::State state,
                                           std::string_view body, EventHandler& handler) {
  const int status = transfer.status();
  if (state == Transfer::State::kCut) problem_ = transfer.problem();
  if (state == Transfer::State::kEnded) problem_ = "the server has ended the stream";
  if (status == 204) return Step::kTold;
  if (status == 200 && !body.empty()) {
    const auto type = transfer.content_type();
    if (!type.starts_with("text/event-stream")) {
      throw StreamRefused(fmt::format("the answer is no event stream but '{}'", type));
    }
    const auto step = take_events(body, handler);
    if (step != Step::kGoOn) return step;
  }
  if (status != 0 && status != 200) {
    answer_ += body;
    if (state == Transfer::State::kOpen && answer_.size() < kMostAnswerBytes) return Step::kGoOn;
    problem_ = fmt::format("status {} {}", status, answer_.substr(0, kMostAnswerBytes));
    if (!passes(status)) throw StreamRefused(problem_);
    asked_pause_ = std::min<milliseconds>(transfer.retry_after(), kLongestAsked);
    return Step::kLost;
  }
  return state == Transfer::State::kOpen ? Step::kGoOn : Step::kLost;
}

EventSource::Step EventSource::take_events(std::string_view bytes, EventHandler& handler) {
  bool enough = false;
  bool progress = false;
  const bool sound = parser_.feed(bytes, [&](const SseMessage& message) {
    if (enough) return;
    // A server that has no room says so in a `status`, and ends.
    progress = progress || message.type != "status";
    enough = !handler.on_event(message);
  });
  if (!sound) {
    throw StreamRefused(fmt::format("an event of more than {} MiB", SseParser::kMaxBytes >> 20));
  }
  const auto retry =
      std::clamp(parser_.retry().value_or(options_.retry), kShortestRetry, kLongestAsked);
  if (progress || retry != options_.retry) {
    options_.retry = retry;
    backoff_ = Backoff(retry, std::max(retry, options_.longest_pause), options_.random);
  }
  return enough ? Step::kEnough : Step::kGoOn;
}

milliseconds EventSource::next_pause() {
  return std::max(asked_pause_, backoff_.next());
}

}  // namespace ordercast::client
