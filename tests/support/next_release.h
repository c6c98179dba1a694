// The program of the release after this one: this one's code with a migration more
// (tests/next_release), built beside the test programs. Pure function.
#pragma once

#include <filesystem>
#include <string>

namespace ordercast::testing {

// For TestProcessOptions::program.
[[nodiscard]] inline std::string next_release() {
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("next_release");
}

}  // namespace ordercast::testing
