// Runs a benchmark in a child process and tidies up after it, however it ends: by Ctrl-C, too. What
// it started ends with it (ServerProcess, LocalCluster); its files go with the folder.
#pragma once

#include <filesystem>
#include <functional>

namespace ordercast::bench {

// The exit status of `body`; 130 when it was interrupted. Call it before there are threads.
int supervise(const std::function<int()>& body);

// For what a benchmark writes: in memory where there is room. Inside supervise() only.
[[nodiscard]] std::filesystem::path scratch();

}  // namespace ordercast::bench
