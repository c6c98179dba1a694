// The cookie that carries a token for EventSource, which can send no Authorization header (RFC
// 6265). Its value is the token itself, so that any node takes it and none has to remember it. Pure
// functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace ordercast::http {

// With the prefix a browser takes it from this host only, over TLS, and no other host of the domain
// can put one in its place.
inline constexpr char kSecureCookie[] = "__Host-ordercast";
// On plain http://localhost, where Secure cookies are not taken by all browsers.
inline constexpr char kPlainCookie[] = "ordercast";

// Browsers drop a cookie whose name and value have more than 4,096 bytes.
inline constexpr std::size_t kMostCookieBytes = 4096 - sizeof kSecureCookie;

// The token in the cookies of a request; none when there is none, or two of one name, for nobody
// can tell whose is which. `plain`: that cookie is taken, too.
[[nodiscard]] std::optional<std::string_view> session_token(const Request& request, bool plain);

// Values of Set-Cookie. HttpOnly: no script reads it. SameSite=Lax: no other site's page sends it,
// unless the user follows a link.
[[nodiscard]] std::string set_session(std::string_view token, std::chrono::seconds lasts,
                                      bool secure);
[[nodiscard]] std::string end_session(bool secure);

}  // namespace ordercast::http
