// Checks of the schema `ordercast`: is it this binary's, may the role use it, is every watched
// table captured? (checkup.h)
#pragma once

#include "pg/checkup.h"

namespace ordercast::pg {

// As nodes require it (require_schema()).
[[nodiscard]] Findings check_schema(const Patient& patient);

// What ordercast.grant_reader() gives, and a node needs. Nothing while there is no schema.
[[nodiscard]] Findings check_rights(const Patient& patient);

// The four triggers of each stream, on its table and all its partitions: there, and enabled always.
// One finding a stream, or one for each trigger that is not so.
[[nodiscard]] Findings check_triggers(const Patient& patient);

// The event triggers that follow ALTER TABLE (sql/0006_follow_ddl.sql).
[[nodiscard]] Findings check_follows_ddl(const Patient& patient);

}  // namespace ordercast::pg
