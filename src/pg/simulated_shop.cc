#include "pg/simulated_shop.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <pqxx/pqxx>
#include <stdexcept>

#include "base/embedded_file.h"
#include "pg/connection.h"

namespace ordercast::pg {
namespace {

constexpr char kShopFile[] = "demo_shop.sql";
// So that two demos look alike.
constexpr int kSeed = 20231115;
// After a failed step: the database is restarting, or is being migrated.
constexpr std::chrono::seconds kRetryPause{1};

std::string shop_sql() {
  const auto& files = sql_files();
  const auto file = std::find_if(files.begin(), files.end(), [](const EmbeddedFile& candidate) {
    return candidate.name == kShopFile;
  });
  if (file == files.end()) throw std::logic_error("sql/demo_shop.sql is not in this binary");
  return std::string(file->bytes);
}

// Between two steps of a Poisson process: customers do not come in step.
std::chrono::milliseconds random_pause(double rate) {
  constexpr std::uint64_t kParts = 1 << 20;
  const double uniform = static_cast<double>(random_up_to(kParts - 1) + 1) / kParts;
  return std::chrono::milliseconds(static_cast<std::int64_t>(-std::log(uniform) * 1000 / rate));
}

}  // namespace

void open_shop(const SimulatedShopOptions& options) {
  const auto connection = connect(options.conninfo);
  pqxx::work work(*connection);
  work.exec(shop_sql());
  work.exec_params("SELECT ordercast.watch('public.orders', tenant => 'merchant_id')");
  // For the names on the board.
  work.exec_params(
      "SELECT ordercast.watch('shop.merchants', tenant => 'id', columns => '{name,currency}')");
  work.exec_params("SELECT shop.seed($1, $2) WHERE NOT EXISTS (SELECT FROM public.orders)", kSeed,
                   options.seed_orders);
  work.commit();
}

void SimulatedShop::start() {
  if (options_.rate <= 0) return;
  thread_ = Thread({.name = "simulated-shop"}, [this] { run(); });
}

void SimulatedShop::stop() {
  stop_.set();
  thread_.join();
}

void SimulatedShop::run() {
  while (!stop_.is_set()) {
    try {
      trade();
    } catch (const std::exception& error) {
      spdlog::warn("the simulated shop: {}", error.what());
      stop_.wait(-1, kRetryPause);
    }
  }
}

void SimulatedShop::trade() {
  const auto connection = connect(options_.conninfo);
  // Steps have due times, so that the rate holds whatever a step itself takes.
  auto due = std::chrono::steady_clock::now();
  for (;;) {
    due =
        std::max(due + random_pause(options_.rate), std::chrono::steady_clock::now() - kRetryPause);
    const auto pause =
        std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
    stop_.wait(-1, std::max(pause, std::chrono::milliseconds(0)));
    if (stop_.is_set()) return;
    pqxx::nontransaction(*connection).exec("SELECT shop.tick()");
  }
}

}  // namespace ordercast::pg
