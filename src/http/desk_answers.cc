#include "http/desk_answers.h"

#include <spdlog/spdlog.h>

#include <string_view>
#include <vector>

#include "http/guarded_library.h"
#include "http/json_error.h"

namespace ordercast::http {
namespace {

struct Kind {
  int status;
  std::string_view code;
};

// By SQLSTATE (PostgreSQL manual, appendix A). status 0: nothing that a client could mend.
Kind kind_of(const DatabaseRefusal& refusal) {
  const std::string_view code = refusal.code;
  const auto in_class = [&](std::string_view prefix) { return code.starts_with(prefix); };
  if (code == "42501") return {403, "not_allowed"};
  if (code == "42704") return {404, "unknown_stream"};
  if (code == "42703") return {422, "unknown_column"};
  if (code == "23502") return {422, "constraint"};
  if (code == "23514") {
    if (refusal.constraint.empty()) return {409, "conflict"};
    return {422, "constraint"};
  }
  if (in_class("23")) return {409, "conflict"};
  if (code == "42602" || code == "42939") return {422, "bad_event"};
  if (code == "428C9") return {422, "generated_column"};
  // 09, P0: triggers of the shop that say no. 44: a view's CHECK OPTION. 54: larger than PostgreSQL
  // takes.
  if (in_class("22") || in_class("44") || in_class("54") || in_class("09") || in_class("P0")) {
    return {422, "bad_value"};
  }
  if (in_class("40") || in_class("53") || in_class("55") || in_class("57")) return {503, "busy"};
  return {0, {}};
}

}  // namespace

Response refused_by_database(const DatabaseRefusal& refusal) {
  const auto [status, code] = kind_of(refusal);
  if (status == 0) {
    spdlog::error("desk: {} ({})", refusal.message, refusal.code);
    return internal_error();
  }
  std::vector<ErrorMember> more{{"sqlstate", json_string(refusal.code)}};
  if (!refusal.hint.empty()) more.push_back({"hint", json_string(refusal.hint)});
  if (!refusal.constraint.empty()) {
    more.push_back({"constraint", json_string(refusal.constraint)});
  }
  auto response = json_error(status, code, refusal.message, more);
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

Response outcome_unknown() {
  return json_error(
      503, "outcome_unknown",
      "The connection to the database was lost while it committed: this may have been "
      "written or not. Look before you try again.");
}

Response desk_closed() {
  return json_error(
      403, "desk_closed",
      "This server only reads: start it with --desk to let requests write. It does not "
      "check who asks.");
}

}  // namespace ordercast::http
