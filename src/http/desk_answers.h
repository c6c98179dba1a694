// What a client is told of what the desk could not do. Pure functions.
#pragma once

#include "core/desk.h"
#include "http/response.h"

namespace ordercast::http {

// The database's own words, as far as they are meant for who writes: message, hint and the name of
// the constraint.
//   403  the role may not: the hint says what to grant
//   404  unknown stream
//   409  it contradicts what is there: a unique, foreign-key or exclusion constraint; or a trigger
//        that checks (check_violation without a constraint's name): a status that cannot follow
//   422  the values will not do, whatever is there
//   503  locked, or short of something: try again
[[nodiscard]] Response refused_by_database(const DatabaseRefusal& refusal);

// 503: it is not known whether it was written.
[[nodiscard]] Response outcome_unknown();

// 403: this server was started without --desk.
[[nodiscard]] Response desk_closed();

}  // namespace ordercast::http
