#include "http/session_cookie.h"

#include <fmt/format.h>

#include "http/header_rules.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

struct Found {
  int count = 0;
  std::string_view value;
};

Found find(const Request& request, std::string_view name) {
  Found found;
  for (const auto& header : request.headers) {
    if (!same_header_name(header.name, "Cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      const auto equals = pair.find('=');
      if (equals == pair.npos || trim(pair.substr(0, equals)) != name) continue;
      ++found.count;
      found.value = trim(pair.substr(equals + 1));
    }
  }
  return found;
}

std::string cookie(std::string_view value, std::chrono::seconds lasts, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
                     secure ? kSecureCookie : kPlainCookie, value, lasts.count(),
                     secure ? "; Secure" : "");
}

}  // namespace

std::optional<std::string_view> session_token(const Request& request, bool plain) {
  auto found = find(request, kSecureCookie);
  if (found.count == 0 && plain) found = find(request, kPlainCookie);
  if (found.count != 1 || found.value.empty()) return std::nullopt;
  return found.value;
}

std::string set_session(std::string_view token, std::chrono::seconds lasts, bool secure) {
  return cookie(token, lasts, secure);
}

std::string end_session(bool secure) {
  return cookie({}, std::chrono::seconds(0), secure);
}

}  // namespace ordercast::http
