// What tells a browser whether the stream that it resumes is still the same person's: tabs share
// one cookie, and another may have signed in meanwhile. Pure.
#pragma once

#include <string>

#include "core/grant.h"

namespace ordercast::auth {

// 16 characters of base64url. Equal, but for chance, exactly for grants of one subject that show
// the same rows and columns: another token of the same person has the same one, whatever its end.
// The same from every node, after every restart. No secret: who knows it can test a guess of whose
// it is, so it is told to nobody but its holder.
[[nodiscard]] std::string fingerprint_of(const Grant& grant);

}  // namespace ordercast::auth
