// Makes the release after this one of the program (tests/CMakeLists.txt): what it embeds is the
// schema of this release and, as the next one may have it, a migration more. This release can live
// with that: it only adds.
#include "base/embedded_file.h"

namespace ordercast {

// sql/*.sql
const std::vector<EmbeddedFile>& sql_files_of_this_release();

namespace {

constexpr std::string_view kMigration = R"sql(
-- Readable since 14
ALTER TABLE ordercast.change_log ADD written_by text;
CREATE FUNCTION ordercast.who_writes() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$SELECT session_user::text$$;
ALTER TABLE ordercast.change_log ALTER written_by SET DEFAULT ordercast.who_writes();
)sql";

}  // namespace

// The linker takes this one, and leaves the library of this release's where it is.
const std::vector<EmbeddedFile>& sql_files() {
  static const auto files = [] {
    auto all = sql_files_of_this_release();
    all.push_back({"9999_written_by.sql", kMigration});
    return all;
  }();
  return files;
}

}  // namespace ordercast
