#include "http/token_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "auth/session_id.h"
#include "http/header_rules.h"
#include "http/json_error.h"
#include "http/session_cookie.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kTicket = "ticket";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kStreams = "/v1/streams/";

// RFC 6750 section 3: without an error code for who brought nothing.
Response nothing_brought() {
  auto response = json_error(401, "token_needed",
                             "Send a token, 'Authorization: Bearer …', or open a session: see POST "
                             "/v1/session.");
  response.headers.push_back({"WWW-Authenticate", R"(Bearer realm="ordercast")"});
  return response;
}

}  // namespace

Response invalid_token(const char* why) {
  auto response = json_error(401, "invalid_token", fmt::format("The token is refused: {}.", why));
  response.headers.push_back(
      {"WWW-Authenticate", fmt::format(R"(Bearer realm="ordercast", error="invalid_token", )"
                                       R"(error_description="{}")",
                                       why)});
  return response;
}

Response cross_site() {
  return json_error(403, "cross_site",
                    "A page of another site asks with this server's cookie: name its origin with "
                    "--cors-origin, or let it use a ticket.");
}

TokenAccess::TokenAccess(const auth::TokenVerifier& verifier, Tickets& tickets, Revoked revoked,
                         TokenAccessOptions options)
    : verifier_(verifier),
      tickets_(tickets),
      revoked_(std::move(revoked)),
      options_(std::move(options)) {}

std::variant<GrantPtr, Response> TokenAccess::admit(Request& request) const {
  auto authenticated = authenticate(request);
  const auto* grant = std::get_if<GrantPtr>(&authenticated);
  if (grant == nullptr) return authenticated;
  if (auto refusal = refuse_beyond(**grant, request, options_.desk)) return *std::move(refusal);
  return authenticated;
}

std::variant<GrantPtr, Response> TokenAccess::authenticate(Request& request) const {
  if (request.header("Authorization")) {
    auto found = bearer(request);
    if (auto* refusal = std::get_if<Response>(&found)) return std::move(*refusal);
    return std::get<Bearer>(std::move(found)).grant;
  }
  // It opens a stream; above all it gets nobody the next ticket.
  const bool opens_stream = request.method == "GET" && request.path.starts_with(kStreams);
  if (opens_stream && request.param(kTicket)) return redeem(request);
  if (options_.sessions) return by_cookie(request);
  return nothing_brought();
}

std::variant<TokenAccess::Bearer, Response> TokenAccess::bearer(const Request& request) const {
  const auto header = request.header("Authorization");
  if (!header) return nothing_brought();
  if (!same_header_name(header->substr(0, kBearer.size()), kBearer)) {
    return invalid_token("it is sent by another scheme than Bearer");
  }
  const auto token = header->substr(kBearer.size());
  auto verdict = verify(token);
  if (auto* refusal = std::get_if<Response>(&verdict)) return std::move(*refusal);
  return Bearer{std::get<GrantPtr>(std::move(verdict)), token};
}

std::variant<GrantPtr, Response> TokenAccess::verify(std::string_view token) const {
  auto verdict = verifier_.verify(token);
  if (const auto* problem = std::get_if<auth::TokenProblem>(&verdict))
    return invalid_token(problem->why);
  auto& grant = std::get<GrantPtr>(verdict);
  if (revoked_(*grant)) return invalid_token("it was revoked");
  return std::move(grant);
}

std::variant<GrantPtr, Response> TokenAccess::redeem(Request& request) const {
  const std::string ticket(*request.param(kTicket));
  std::erase_if(request.params, [](const Parameter& each) { return each.name == kTicket; });
  auto grant = tickets_.redeem(ticket);
  if (!grant) return invalid_token("the ticket is unknown, too old or was used before");
  if (revoked_(*grant)) return invalid_token("it was revoked");
  return grant;
}

std::variant<GrantPtr, Response> TokenAccess::by_cookie(const Request& request) const {
  const auto token = session_token(request, options_.plain);
  if (!token) return nothing_brought();
  const auto now = std::chrono::steady_clock::now();
  const bool writes = request.method != "GET" && request.method != "HEAD";
  if (!comes_from_own_page(request, options_.origins, writes)) return cross_site();
  auto verdict = verify(*token);
  if (std::holds_alternative<Response>(verdict)) return verdict;
  auto grant = *std::get<GrantPtr>(verdict);
  grant.session = auth::session_id(*token);
  grant.brought_at = now;
  return std::make_shared<const Grant>(std::move(grant));
}

}  // namespace ordercast::http
