// Who may ask for what: the server puts this question before every route below /v1/, so that no
// handler can forget it. Two that answer it: OpenAccess here, where nobody is asked who he is, and
// TokenAccess (token_access.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/grant.h"
#include "http/request.h"
#include "http/response.h"

namespace ordercast::http {

// Thread-safe; nothing it does blocks.
class Access {
 public:
  virtual ~Access() = default;

  // What the request may see and do, or the answer that refuses it. Its route is known:
  // `path_parameter` is set. What it authenticates with is taken out of its parameters.
  [[nodiscard]] virtual std::variant<GrantPtr, Response> admit(Request& request) const = 0;
};

// Whether a path, in its segments, is one that admit() is asked for: all below /v1/ but the
// session, which is where a browser brings its token. The board's files and /livez, /readyz are
// public.
[[nodiscard]] bool needs_grant(const std::vector<std::string>& segments);

// The answer to a request that asks for more than the grant has: for a stream that it does not
// name, or to write. `desk`: the server lets anybody write at all. For implementations of admit().
[[nodiscard]] std::optional<Response> refuse_beyond(const Grant& grant, const Request& request,
                                                    bool desk);

// Without keys, on this machine only (or where --open says so): everybody may do everything.
//
// A page of another site can give its own name our address (DNS rebinding), and is then of our
// origin; what it cannot choose is the Host that the browser sends. So on a loopback address only
// known hosts are served.
class OpenAccess : public Access {
 public:
  // `hosts`: names without a port; empty: any.
  OpenAccess(bool desk, std::vector<std::string> hosts);
  [[nodiscard]] std::variant<GrantPtr, Response> admit(Request& request) const override;

 private:
  const bool desk_;
  const GrantPtr grant_;
  const std::vector<std::string> hosts_;
};

// What a browser calls this machine.
[[nodiscard]] std::vector<std::string> loopback_hosts();

}  // namespace ordercast::http
