// Who is let in: the keys and tickets of a node, and the access that the server asks. Wires http to
// auth. reload() from the main thread; all else before the server starts.
#pragma once

#include <memory>
#include <optional>

#include "app/access_options.h"
#include "app/listen_address.h"
#include "auth/verifier.h"
#include "http/server.h"
#include "http/tickets.h"
#include "http/token_access.h"
#include "hub/hub.h"

namespace ordercast::app {

class Gate {
 public:
  // Throws auth::KeyError and std::invalid_argument: what is asked for would be unsafe, and why.
  Gate(const AccessOptions& options, bool desk, const ListenAddress& listen, hub::Hub& hub);

  // The server's access, and the routes of sessions and tickets. The gate and the hub outlive it.
  void guard(http::Server& server);

  // Reads the keys again. What is wrong with them goes to the log, and those that there were stay.
  void reload();
  // Takes the --jwt-… options over. Throws auth::KeyError, and std::invalid_argument when tokens
  // would be asked for from now on, or no more: then nothing has changed.
  void take_over(const AccessOptions& options);

 private:
  std::optional<auth::TokenVerifier> verifier_;  // none: nobody is asked
  http::Tickets tickets_;
  std::shared_ptr<const http::TokenAccess> token_access_;  // null without a verifier
  std::shared_ptr<const http::Access> access_;
  http::Cors cors_;
  hub::Hub& hub_;
};

}  // namespace ordercast::app
