// Finds the programs of an installed PostgreSQL server: they are seldom on PATH (Debian keeps them
// in /usr/lib/postgresql/<major>/bin). Values and free functions; thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <vector>

namespace ordercast::pg {

// what() names the package to install, or the folder that was searched in vain.
struct BinariesNotFound : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Binaries {
  std::filesystem::path initdb;
  std::filesystem::path postgres;
  int major = 0;  // 15
};

// Where servers are looked for: only in $ORDERCAST_POSTGRES_BIN when that is set; else, in this
// order: `pg_config --bindir`, the usual places of distributions with the newest major first, the
// folders of PATH.
[[nodiscard]] std::vector<std::filesystem::path> binary_dirs();

// The first folder of `dirs` that has initdb and postgres; with `major`, of that major version.
// Throws BinariesNotFound.
[[nodiscard]] Binaries find_binaries(const std::vector<std::filesystem::path>& dirs,
                                     std::optional<int> major = std::nullopt);

}  // namespace ordercast::pg
