#include "rig/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace ordercast::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdleTime = 2s;
// A system that delivers nothing for so long delivers nothing more.
constexpr std::int64_t kStallNs = 10'000'000'000;

}  // namespace

Trial::Trial(std::unique_ptr<System> system, std::size_t subscribers)
    : system_(std::move(system)), crowd_(system_->crowd(subscribers)) {
  crowd_.connect(kConnectLimit);
  warm_up();
}

// Some servers answer before the subscription stands.
void Trial::warm_up() {
  constexpr int kTries = 50;
  constexpr int kWarm = 5;
  int reached = 0;
  for (int attempt = 0; attempt < kTries && reached < kWarm; ++attempt, ++next_) {
    crowd_.begin(next_, next_);
    system_->publish(next_);
    reached += crowd_.run(2s) ? 1 : 0;
  }
  if (reached < kWarm) throw load::LoadError("events do not reach all subscribers");
}

Trial::Window Trial::next(std::uint64_t count) {
  const Window window{next_, next_ + count - 1};
  next_ += count;
  return window;
}

bool Trial::run(const Window& window, std::function<void()> publisher, std::chrono::seconds limit,
                std::optional<std::int64_t> origin_ns) {
  crowd_.begin(window.first, window.last, origin_ns);
  std::exception_ptr error;
  std::atomic<bool> published = false;
  std::thread thread([&] {
    try {
      publisher();
    } catch (...) {
      error = std::current_exception();
    }
    published = true;
  });
  const auto began = load::now_ns();
  const bool ended = crowd_.run_until(
      [&] {
        const auto moved = std::max(began, crowd_.deliveries().last_ns());
        return crowd_.complete() || load::now_ns() - moved > kStallNs;
      },
      limit);
  // A publisher that is not through would wait for ever for subscribers who do not read.
  while (!published) crowd_.run_until([&] { return published.load(); }, 1s);
  thread.join();
  if (error) std::rethrow_exception(error);
  return ended;
}

Costs Trial::costs() const {
  return {static_cast<double>(system_->cpu_ns()), static_cast<double>(system_->database_cpu_ns())};
}

Costs Trial::idle_cost() {
  const Costs before = costs();
  crowd_.run_until([] { return false; }, kIdleTime);
  return (costs() - before) * (1.0 / std::chrono::duration<double>(kIdleTime).count());
}

std::string text_of(const load::Faults& faults, bool cut) {
  if (cut) return fmt::format("cut, {} to go", faults.lost);
  if (faults.none()) return "0";
  return fmt::format("{} lost, {} twice, {} late", faults.lost, faults.duplicated,
                     faults.reordered);
}

}  // namespace ordercast::bench
