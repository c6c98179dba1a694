// The one shape of every error answer: {"error":{"code":"not_found","message":"what is wrong and
// what to do"}}. Pure functions.
#pragma once

#include <string_view>

#include "http/response.h"

namespace ordercast::http {

// `code` is stable, for programs; `message` is for people. Never put the text of an exception into
// it.
[[nodiscard]] Response json_error(int status, std::string_view code, std::string_view message);

}  // namespace ordercast::http
