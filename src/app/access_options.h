// The options that say who may ask: keys of tokens, sessions, pages of other sites. Value type.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "auth/verifier.h"

namespace ordercast::app {

struct AccessOptions {
  std::vector<std::string> key_files;  // none: nobody is asked for a token
  std::vector<std::string> algorithms;
  std::string issuer;
  std::vector<std::string> audiences;
  bool no_sessions = false;
  std::vector<std::string> cors_origins;
  std::vector<std::string> allowed_hosts;
  int max_stream_lifetime_s = 0;  // 0: as long as it likes

  void add_to(CLI::App& command);
  [[nodiscard]] bool by_token() const { return !key_files.empty(); }
  [[nodiscard]] auth::VerifierOptions verifier_options() const;
};

// Names of auth::kAlgorithms, for CLI::IsMember.
[[nodiscard]] std::vector<std::string> algorithm_names();

}  // namespace ordercast::app
