// A configuration file of a test's own, gone with it.
#pragma once

#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace ordercast::testing {

class TestConfigFile {
 public:
  explicit TestConfigFile(const std::string& text) { write(text); }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  [[nodiscard]] std::string path() const { return dir_.path() / "ordercast.toml"; }

 private:
  TempDir dir_;
};

}  // namespace ordercast::testing
