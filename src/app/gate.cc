#include "app/gate.h"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

#include "http/session_handler.h"

namespace ordercast::app {
namespace {

// On an address of this machine the names are known; on others, whoever set --open knows.
std::vector<std::string> hosts(const AccessOptions& options, const ListenAddress& listen) {
  if (!listen.loopback() && options.allowed_hosts.empty()) return {};
  auto names = http::loopback_hosts();
  names.insert(names.end(), options.allowed_hosts.begin(), options.allowed_hosts.end());
  return names;
}

}  // namespace

Gate::Gate(const AccessOptions& options, bool desk, const ListenAddress& listen, hub::Hub& hub)
    : hub_(hub) {
  const http::OriginList origins(options.cors_origins);
  const bool sessions = options.by_token() && !options.no_sessions;
  cors_ = http::Cors(origins, sessions);
  if (!options.by_token()) {
    if (origins.all()) {
      throw std::invalid_argument(
          "--cors-origin '*' without tokens would let every site read all orders through the "
          "browser "
          "of whoever looks at it: name the origins, or add --jwt-key");
    }
    access_ = std::make_shared<http::OpenAccess>(desk, hosts(options, listen));
    return;
  }
  verifier_.emplace(options.verifier_options());
  spdlog::info("tokens: {} keys", verifier_->key_count());
  access_ = token_access_ = std::make_shared<http::TokenAccess>(
      *verifier_, tickets_, [&hub](const Grant& grant) { return hub.revocations()->cover(grant); },
      http::TokenAccessOptions{
          .desk = desk, .sessions = sessions, .plain = listen.loopback(), .origins = origins});
}

void Gate::guard(http::Server& server) {
  server.admit_by(access_, cors_);
  if (!token_access_) return;
  http::add_session_routes(server, *token_access_, tickets_,
                           [this](const std::string& session) { hub_.sign_out(session); });
}

void Gate::reload() {
  if (!verifier_) return;
  try {
    verifier_->reload();
    spdlog::info("tokens: {} keys read again", verifier_->key_count());
  } catch (const auth::KeyError& error) {
    spdlog::error("tokens: {}; the keys that there were stay", error.what());
  }
}

void Gate::take_over(const AccessOptions& options) {
  if (options.by_token() != verifier_.has_value()) {
    throw std::invalid_argument(
        "jwt-key: to begin to ask for tokens, or to end it, takes a restart");
  }
  if (verifier_) verifier_->reload(options.verifier_options());
}

}  // namespace ordercast::app
