#include "app/load_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace ordercast::app {
namespace {

constexpr int kBarWidth = 30;

void write_all(int fd, const std::string& text) {
  // A bar that is not drawn is no loss.
  [[maybe_unused]] const auto written = ::write(fd, text.data(), text.size());
}

}  // namespace

ProgressBar::ProgressBar(int fd, int seconds)
    : fd_(fd), terminal_(::isatty(fd) != 0), seconds_(seconds) {}

void ProgressBar::show(double elapsed, const load::Crowd& crowd) {
  if (!terminal_) return;
  const auto done = std::clamp(static_cast<int>(elapsed / seconds_ * kBarWidth), 0, kBarWidth);
  const double rate = static_cast<double>(crowd.events() - events_before_) / (elapsed - before_);
  before_ = elapsed;
  events_before_ = crowd.events();
  write_all(
      fd_, fmt::format("\r\x1b[K[{:#<{}}{:-<{}}] {:.0f}/{} s  {} live  {:.0f}/s  p99 {:.1f} ms", "",
                       done, "", kBarWidth - done, elapsed, seconds_, crowd.live(), rate,
                       crowd.deliveries().latency().p99));
}

void ProgressBar::clear() {
  if (terminal_) write_all(fd_, "\r\x1b[K");
}

LoadReport::LoadReport(const load::Crowd& crowd, std::uint64_t events, double elapsed)
    : connections_(crowd.size()),
      live_(crowd.live()),
      events_(events),
      per_second_(static_cast<double>(events) / elapsed),
      seconds_(elapsed),
      latency_(crowd.deliveries().latency()),
      faults_(crowd.faults()),
      resets_(crowd.resets()),
      ended_(crowd.ended()),
      refused_(crowd.refused()) {}

std::string LoadReport::text() const {
  return fmt::format(
      "connections    {} of {} live at the end\n"
      "deliveries     {}, {:.0f}/s over {:.1f} s\n"
      "latency        p50 {:.3f} ms, p99 {:.3f} ms (from the change to here, by the two clocks)\n"
      "lost {}, duplicated {}, reordered {}; resets {}, ended {}, refused {}\n",
      live_, connections_, events_, per_second_, seconds_, latency_.median, latency_.p99,
      faults_.lost, faults_.duplicated, faults_.reordered, resets_, ended_, refused_);
}

std::string LoadReport::json() const {
  return fmt::format(
      R"({{"connections":{},"live":{},"seconds":{:.3f},"deliveries":{},"per_second":{:.1f},)"
      R"("p50_ms":{:.3f},"p99_ms":{:.3f},"lost":{},"duplicated":{},"reordered":{},"resets":{},)"
      R"("ended":{},"refused":{}}})"
      "\n",
      connections_, live_, seconds_, events_, per_second_, latency_.median, latency_.p99,
      faults_.lost, faults_.duplicated, faults_.reordered, resets_, ended_, refused_);
}

std::string LoadReport::problem() const {
  if (faults_.lost + faults_.duplicated > 0) return "not every client was sent each change once";
  if (resets_ > 0) return "clients were told to forget what they had (reset)";
  if (live_ < connections_) return "not all connections were live at the end";
  if (events_ == 0) return "no change came, so nothing was checked: let the shop trade meanwhile";
  return {};
}

}  // namespace ordercast::app
