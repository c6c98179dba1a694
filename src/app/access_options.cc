#include "app/access_options.h"

#include "app/setting.h"

namespace ordercast::app {
namespace {

// A week: what changes more rarely than that is not why somebody sets this.
constexpr int kLongestLifetimeS = 7 * 24 * 3600;

}  // namespace

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const auto algorithm : auth::kAlgorithms) names.emplace_back(auth::name_of(algorithm));
  return names;
}

void AccessOptions::add_to(CLI::App& command) {
  command
      .add_option(
          "--jwt-key", key_files,
          "serve only who brings a token that is signed with a key of this file: public keys "
          "(PEM), a JSON Web Key Set, or an HMAC secret; read again on SIGHUP")
      ->type_name("FILE")
      ->check(reloadable())
      ->envname("ORDERCAST_JWT_KEY");
  command
      .add_option("--jwt-algorithm", algorithms,
                  "take only these algorithms [all that there are keys for]")
      ->check(CLI::IsMember(algorithm_names()))
      ->check(reloadable())
      ->envname("ORDERCAST_JWT_ALGORITHM");
  command.add_option("--jwt-issuer", issuer, "take only tokens of this issuer (iss)")
      ->check(reloadable())
      ->envname("ORDERCAST_JWT_ISSUER");
  command
      .add_option("--jwt-audience", audiences, "take only tokens that are for one of these (aud)")
      ->check(reloadable())
      ->envname("ORDERCAST_JWT_AUDIENCE");
  command.add_flag("--no-sessions", no_sessions, "take no token from a cookie")
      ->envname("ORDERCAST_NO_SESSIONS");
  command
      .add_option("--cors-origin", cors_origins,
                  "let pages of this origin read, as https://shop.example; '*': of all, without "
                  "cookies")
      ->type_name("ORIGIN")
      ->envname("ORDERCAST_CORS_ORIGIN");
  command
      .add_option("--allowed-host", allowed_hosts,
                  "also answer to this name, on an address of this machine without tokens")
      ->type_name("NAME")
      ->envname("ORDERCAST_ALLOWED_HOST");
  command
      .add_option(
          "--max-stream-lifetime-s", max_stream_lifetime_s,
          "end each stream after so many seconds, or up to a tenth less; its client resumes "
          "(0: never)")
      ->check(CLI::Range(0, kLongestLifetimeS))
      ->check(reloadable())
      ->envname("ORDERCAST_MAX_STREAM_LIFETIME_S")
      ->capture_default_str();
}

auth::VerifierOptions AccessOptions::verifier_options() const {
  auth::VerifierOptions options{.key_files = {key_files.begin(), key_files.end()},
                                .rules = {.issuer = issuer, .audiences = audiences}};
  for (const auto& name : algorithms) options.algorithms.push_back(*auth::parse_algorithm(name));
  return options;
}

}  // namespace ordercast::app
