#include "app/database.h"

#include <spdlog/spdlog.h>

#include "pg/connection.h"
#include "pg/schema.h"

namespace ordercast::app {
namespace {

// Between attempts to start a server that died: a full disk does not clear within milliseconds.
constexpr std::chrono::seconds kRestartPause{2};

}  // namespace

Database::Database(const std::filesystem::path& data_dir)
    : cluster_(std::make_unique<pg::LocalCluster>(pg::LocalClusterOptions{.data_dir = data_dir})),
      conninfo_(cluster_->conninfo()) {
  pg::migrate(*pg::connect(conninfo_));
}

Signals::Event Database::run_until(const Signals& signals, const std::function<void()>& reload) {
  for (;;) {
    const bool alive = !cluster_ || cluster_->running();
    if (!alive) restart();
    const bool watch_exit = cluster_ && cluster_->running();
    const auto event = watch_exit || !cluster_ ? signals.wait(watch_exit ? cluster_->exit_fd() : -1)
                                               : signals.wait(-1, kRestartPause);
    if (Signals::asks_to_stop(event)) return event;
    if (event == Signals::Event::kReload) reload();
  }
}

void Database::restart() {
  spdlog::error("the private PostgreSQL has ended; starting it again");
  try {
    cluster_->start();
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
  }
}

}  // namespace ordercast::app
