// Access by tokens (docs/protocol.md, "Tokens"): in the Authorization header, in the session
// cookie, or by a ticket. Thread-safe.
//
// 401 and 403 as RFC 6750 section 3 has them. EventSource gives up for ever on either, which is
// right: the same request would only be refused again.
#pragma once

#include <functional>
#include <string_view>

#include "auth/verifier.h"
#include "http/access.h"
#include "http/origin.h"
#include "http/tickets.h"

namespace ordercast::http {

struct TokenAccessOptions {
  bool desk = false;        // requests may write, when their token lets them
  bool sessions = true;     // cookies count
  bool plain = false;       // also those that are not Secure: we listen on this machine only
  OriginList origins = {};  // of other sites whose pages may use a session
};

class TokenAccess : public Access {
 public:
  // Whether a token was revoked.
  using Revoked = std::function<bool(const Grant&)>;

  // `verifier` and `tickets` outlive it.
  TokenAccess(const auth::TokenVerifier& verifier, Tickets& tickets, Revoked revoked,
              TokenAccessOptions options);

  [[nodiscard]] std::variant<GrantPtr, Response> admit(Request& request) const override;

  // The grant of a request's Authorization header alone, and the header's token: what a session is
  // made of.
  struct Bearer {
    GrantPtr grant;
    std::string_view token;  // lives as long as the request
  };
  [[nodiscard]] std::variant<Bearer, Response> bearer(const Request& request) const;

  [[nodiscard]] const TokenAccessOptions& options() const { return options_; }

 private:
  [[nodiscard]] std::variant<GrantPtr, Response> authenticate(Request& request) const;
  [[nodiscard]] std::variant<GrantPtr, Response> verify(std::string_view token) const;
  [[nodiscard]] std::variant<GrantPtr, Response> redeem(Request& request) const;
  [[nodiscard]] std::variant<GrantPtr, Response> by_cookie(const Request& request) const;

  const auth::TokenVerifier& verifier_;
  Tickets& tickets_;
  const Revoked revoked_;
  const TokenAccessOptions options_;
};

// 401; `why` is one of our own words: nothing of a token is in it.
[[nodiscard]] Response invalid_token(const char* why);
// 403: a page that is not one of ours asks with a cookie.
[[nodiscard]] Response cross_site();

}  // namespace ordercast::http
