#include "app/service_manager.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace ordercast::app {
namespace {

// A start is news that others wait for; later, the line of `systemctl status` may be so old.
constexpr std::chrono::milliseconds kStartPause{100};
constexpr std::chrono::seconds kPause{5};
// Two proofs may go missing before the time is over.
constexpr int kProofsInTime = 3;

bool listens() {
  return std::getenv("NOTIFY_SOCKET") != nullptr;
}

// Nothing can be done about a manager that does not take it.
void send(const std::string& message) {
  (void)::sd_notify(0, message.c_str());
}

std::chrono::microseconds watchdog_time() {
  std::uint64_t microseconds = 0;
  if (!listens() || ::sd_watchdog_enabled(0, &microseconds) <= 0) return {};
  return std::chrono::microseconds(microseconds);
}

}  // namespace

ServiceManager::ServiceManager(Signs signs) : signs_(std::move(signs)), watchdog_(watchdog_time()) {
  if (listens()) thread_ = Thread({.name = "supervision"}, [this] { run(); });
}

ServiceManager::~ServiceManager() {
  {
    const MutexLock lock(mutex_);
    if (std::exchange(stage_, Stage::kStopping) != Stage::kStopping) send("STOPPING=1");
  }
  end_.set();
  thread_.join();
}

void ServiceManager::run() {
  using Clock = std::chrono::steady_clock;
  const bool watched = watchdog_.count() > 0;
  const auto proof_pause = watchdog_ / kProofsInTime;
  Clock::time_point next_proof;
  while (!end_.is_set()) {
    const bool ready = tell_condition();
    if (watched && Clock::now() >= next_proof) {
      next_proof = Clock::now() + proof_pause;
      if (signs_.lives()) send("WATCHDOG=1");
    }
    const auto pause = std::chrono::microseconds(ready ? kPause : kStartPause);
    end_.wait(-1, watched ? std::min(pause, proof_pause) : pause);
  }
}

bool ServiceManager::tell_condition() {
  const auto now = signs_.condition();
  if (now.text != told_) send("STATUS=" + now.text);
  told_ = now.text;
  const MutexLock lock(mutex_);
  if (now.ready && stage_ == Stage::kStarting) {
    stage_ = Stage::kReady;
    send("READY=1");
  }
  return stage_ != Stage::kStarting;
}

void ServiceManager::around_reload(const std::function<void()>& reload) {
  // Before the first READY there is none to repeat: who reads its files is not ready for that.
  const MutexLock lock(mutex_);
  if (stage_ == Stage::kReady) send("RELOADING=1");
  reload();
  if (stage_ == Stage::kReady) send("READY=1");
}

void ServiceManager::stopping(std::chrono::milliseconds at_most) {
  const MutexLock lock(mutex_);
  stage_ = Stage::kStopping;
  send(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}",
                   std::chrono::microseconds(at_most).count()));
}

}  // namespace ordercast::app
