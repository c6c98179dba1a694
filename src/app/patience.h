// How a verb insists on a busy table: saying so.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "pg/persistence.h"

namespace ordercast::app {

// `what` is busy, it says to stderr, once a second or so.
inline pg::Persistence patient(std::string what) {
  return {.waiting = [what = std::move(what)](int attempts) {
    if (attempts % 4 == 1) fmt::print(stderr, "{} is busy; trying again…\n", what);
  }};
}

}  // namespace ordercast::app
