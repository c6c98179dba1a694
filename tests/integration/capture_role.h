// A role for one test. Roles belong to the whole server: it is named after the test's database, and
// goes with the object. Uses the TestDatabase's session, which may SET ROLE in the meantime.
#pragma once

#include <string>

#include "support/test_database.h"

namespace ordercast::testing {

class ScratchRole {
 public:
  ScratchRole(TestDatabase& db, const std::string& suffix) : db_(db), name_(db.name() + suffix) {
    db_.exec("CREATE ROLE " + name_);
  }
  ~ScratchRole() {
    try {
      db_.exec("RESET ROLE; REASSIGN OWNED BY " + name_ + " TO CURRENT_USER; DROP OWNED BY " +
               name_ + "; DROP ROLE " + name_);
    } catch (const std::exception&) {
      // The server goes with the test program, and the role with it.
    }
  }
  ScratchRole(const ScratchRole&) = delete;
  ScratchRole& operator=(const ScratchRole&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  TestDatabase& db_;
  const std::string name_;
};

}  // namespace ordercast::testing
