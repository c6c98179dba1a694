// The database that `serve` and `demo` run on: the shop's own, or a private PostgreSQL that lives
// as long as this object. Confined to the main thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/signals.h"
#include "pg/local_cluster.h"

namespace ordercast::app {

class Database {
 public:
  // A database of somebody else's: nothing in it is touched until `ordercast migrate`.
  explicit Database(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  // Our own: started, with the schema installed. Throws what LocalCluster and migrate() throw.
  explicit Database(const std::filesystem::path& data_dir);

  [[nodiscard]] const std::string& conninfo() const { return conninfo_; }
  [[nodiscard]] bool is_private() const { return cluster_ != nullptr; }

  // Blocks until a signal says stop, and says which. A private server that dies meanwhile is
  // started again. `reload` is called for the signal that asks for it.
  Signals::Event run_until(const Signals& signals, const std::function<void()>& reload);

 private:
  void restart();

  std::unique_ptr<pg::LocalCluster> cluster_;
  std::string conninfo_;
};

}  // namespace ordercast::app
