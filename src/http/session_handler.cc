#include "http/session_handler.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "auth/session_id.h"
#include "http/json_error.h"
#include "http/session_cookie.h"

namespace ordercast::http {
namespace {

const Header kNotCached{"Cache-Control", "no-store"};

// Whether the browser speaks TLS, to us or to a proxy. X-Forwarded-Proto need not be trusted for
// that: whoever invents it gets a cookie that is the more careful one.
bool is_secure(const Request& request, const TokenAccess& access) {
  return request.https || !access.options().plain ||
         request.header("X-Forwarded-Proto") == "https" ||
         request.header("Origin").value_or("").starts_with("https://");
}

Response without_sessions() {
  return json_error(403, "no_sessions", "This server makes no sessions: it runs --no-sessions.");
}

Response begin(const TokenAccess& access, const Request& request) {
  if (!access.options().sessions) return without_sessions();
  // A browser asks with Authorization only where CORS lets it; once more, for those that do not.
  if (!comes_from_own_page(request, access.options().origins, /*writes=*/false))
    return cross_site();
  auto found = access.bearer(request);
  if (auto* refusal = std::get_if<Response>(&found)) return std::move(*refusal);
  const auto& [grant, token] = std::get<TokenAccess::Bearer>(found);
  if (token.size() > kMostCookieBytes) {
    return json_error(
        422, "token_too_long",
        fmt::format("The token is too long for a cookie, which holds {} bytes.", kMostCookieBytes));
  }
  // A token that is taken has an end. The cookie is not to outlast it, and no browser keeps one of
  // less than a second. (An end that is past can be within the skew; no stream outlasts it either.)
  const auto left = std::chrono::floor<std::chrono::seconds>(*grant->expires_at -
                                                             std::chrono::system_clock::now());
  if (left < std::chrono::seconds(1)) return invalid_token("it ends within a second");
  return {.status = 204,
          .content_type = {},
          .headers = {kNotCached,
                      {"Set-Cookie", set_session(token, left, is_secure(request, access))}}};
}

Response end(const TokenAccess& access, Tickets& tickets, const SignOut& sign_out,
             const Request& request) {
  const auto& options = access.options();
  if (!comes_from_own_page(request, options.origins, /*writes=*/true)) return cross_site();
  // Whoever knows the token may end what it has opened; of one that is not good there is nothing.
  if (const auto token = session_token(request, options.plain)) {
    const auto session = auth::session_id(*token);
    tickets.sign_out(session);
    sign_out(session);
  }
  return {.status = 204,
          .content_type = {},
          .headers = {kNotCached, {"Set-Cookie", end_session(is_secure(request, access))}}};
}

Response issue(Tickets& tickets, const Request& request) {
  // It opens streams, and nothing else.
  auto grant = *request.grant;
  grant.write = false;
  const auto ticket = tickets.issue(std::make_shared<const Grant>(std::move(grant)));
  if (!ticket) {
    auto response = json_error(503, "too_many_tickets", "Too many tickets wait to be used.");
    response.headers.push_back({"Retry-After", std::to_string(Tickets::kLasts.count())});
    return response;
  }
  return {.status = 201,
          .body = fmt::format("{{\"ticket\":\"{}\",\"expires_in\":{}}}\n", *ticket,
                              Tickets::kLasts.count()),
          .headers = {kNotCached}};
}

}  // namespace

void add_session_routes(Server& server, const TokenAccess& access, Tickets& tickets,
                        SignOut sign_out) {
  server.route("POST", "/v1/session",
               [&access](const Request& request) { return begin(access, request); });
  server.route("DELETE", "/v1/session",
               [&access, &tickets, sign_out = std::move(sign_out)](const Request& request) {
                 return end(access, tickets, sign_out, request);
               });
  server.route("POST", "/v1/tickets",
               [&tickets](const Request& request) { return issue(tickets, request); });
}

}  // namespace ordercast::http
