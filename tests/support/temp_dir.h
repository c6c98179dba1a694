// A fresh folder below `root`, removed with all it holds when this object goes.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

namespace ordercast::testing {

class TempDir {
 public:
  explicit TempDir(const std::filesystem::path& root = "/tmp") {
    std::string name = root / (std::string(kPrefix) + "XXXXXX");
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
    // Open on the way: what a test keeps in it may belong to another user.
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  // A server of a test that was killed may still be writing as it ends.
  ~TempDir() {
    constexpr int kTries = 500;
    std::error_code error;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      std::filesystem::remove_all(path_, error);
      if (!error) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  static constexpr const char* kPrefix = "ordercast-test-";

 private:
  std::filesystem::path path_;
};

}  // namespace ordercast::testing
