// Files of sql/, web/ and api/ that the build puts into the binary (cmake/embed.cmake).
// Immutable; safe from any thread.
#pragma once

#include <string_view>
#include <vector>

namespace ordercast {

struct EmbeddedFile {
  std::string_view name;   // relative to its folder, e.g. "0001_change_log.sql"
  std::string_view bytes;  // as it was on disk
};

// sorted by name
const std::vector<EmbeddedFile>& sql_files();
const std::vector<EmbeddedFile>& web_files();
const std::vector<EmbeddedFile>& api_files();

}  // namespace ordercast
