// Where a client's token comes from: the variable ORDERCAST_TOKEN, or a file; never the command
// line, which everybody on the machine can read.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ordercast::app {

class TokenSource {
 public:
  void add_to(CLI::App& command);

  // The token as it is now, so that a file can be renewed while a client runs; empty: none. Throws
  // std::runtime_error when the file cannot be read or holds something else.
  [[nodiscard]] std::string token() const;

 private:
  std::string file_;
};

}  // namespace ordercast::app
