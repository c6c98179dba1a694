// Which system user runs the private PostgreSQL: postgres refuses to run as root, and initdb
// refuses a user that has no name. Value type; thread-safe.
#pragma once

#include <stdexcept>
#include <string>

#include "base/child_process.h"

namespace ordercast::pg {

struct NoServerUser : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ServerUser {
  std::string name;
  UserIds ids;
  bool other = false;  // not the user we are: a child must change to it, files must be given to it

  // As root: `postgres` where it exists (the user of Debian's package), else `nobody`. As anybody
  // else: we. Throws NoServerUser, with what to do about it, where there is no such user.
  [[nodiscard]] static ServerUser choose();
};

}  // namespace ordercast::pg
