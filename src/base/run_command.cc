#include "base/run_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/child_process.h"
#include "base/unique_fd.h"

namespace ordercast {

std::optional<std::string> run_command(std::vector<std::string> argv) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  try {
    SpawnOptions options;
    options.argv = std::move(argv);
    options.environment = {"LC_ALL=C"};
    options.stdout_fd = write_end.get();
    auto child = ChildProcess::spawn(options);
    write_end.reset();
    // It is read only after its end: what a pipe holds is more than a helper prints.
    const auto status = child.wait(kRunCommandLimit);
    if (!status || !status->success()) return std::nullopt;
  } catch (const SpawnError&) {
    return std::nullopt;
  }
  std::string output;
  std::array<char, 4096> buffer;
  for (ssize_t got; (got = ::read(read_end.get(), buffer.data(), buffer.size())) > 0;) {
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

}  // namespace ordercast
