// The configuration of a `serve` that was not started.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/command_config.h"
#include "app/serve_options.h"

namespace ordercast::testing {

using Environment = app::CommandConfig::Environment;

inline app::CommandConfig serve_config(std::vector<std::string> flags, Environment environment) {
  return {std::make_unique<app::ServeOptions>(), std::move(flags), environment};
}

}  // namespace ordercast::testing
