#include "app/token_command.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/access_options.h"
#include "auth/key_file.h"
#include "auth/mint.h"
#include "auth/verifier.h"
#include "base/random_bytes.h"
#include "core/base64url.h"

namespace ordercast::app {
namespace {

using Clock = std::chrono::system_clock;

const std::map<std::string, std::uint64_t> kUnits{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}};
constexpr std::size_t kIdBytes = 16;  // as many as a UUID

struct MintCommand {
  std::string key_file;
  std::uint64_t ttl = 3600;
  bool all_tenants = false;
  std::string tenant;
  std::vector<std::string> streams;
  Grant grant;
  auth::Parties parties;
};

struct VerifyCommand {
  AccessOptions access;
};

void mint(const MintCommand& command) {
  auto grant = command.grant;
  if (command.all_tenants == !command.tenant.empty()) {
    throw std::invalid_argument("say whose rows it shows: --tenant VALUE, or --all-tenants");
  }
  if (!command.all_tenants) grant.tenant = command.tenant;
  if (!command.streams.empty()) grant.streams = command.streams;
  if (grant.token_id.empty()) grant.token_id = base64url_encode(random_bytes(kIdBytes));
  grant.issued_at = Clock::now();
  grant.expires_at = *grant.issued_at + std::chrono::seconds(command.ttl);
  const auto payload = auth::payload_of(grant, command.parties);
  // What a server would refuse is not made.
  const auto claims = auth::read_claims(payload, {}, Clock::now());
  if (const auto* problem = std::get_if<auth::TokenProblem>(&claims)) {
    throw std::invalid_argument(fmt::format("such a token would be refused: {}", problem->why));
  }
  const auto key = auth::read_signing_key(command.key_file);
  fmt::print("{}\n", auth::mint(key, payload, command.parties.key_id));
}

// From stdin: what stands on a command line is seen by all on the machine.
std::string read_token() {
  std::string token;
  std::getline(std::cin, token);
  const auto end = token.find_last_not_of(" \t\r");
  token.resize(end == token.npos ? 0 : end + 1);
  if (token.empty()) throw std::invalid_argument("write the token to standard input");
  return token;
}

void verify(const VerifyCommand& command) {
  const auth::TokenVerifier verifier(command.access.verifier_options());
  const auto verdict = verifier.verify(read_token());
  if (const auto* problem = std::get_if<auth::TokenProblem>(&verdict)) {
    throw std::runtime_error(fmt::format("refused: {}", problem->why));
  }
  const auto& grant = *std::get<GrantPtr>(verdict);
  fmt::print("{}\nvalid until {:%Y-%m-%dT%H:%M:%SZ}\n", auth::payload_of(grant),
             fmt::gmtime(Clock::to_time_t(*grant.expires_at)));
}

void add_mint(CLI::App& token) {
  auto options = std::make_shared<MintCommand>();
  auto* command = token.add_subcommand("mint", "Print a token");
  command
      ->add_option("--key", options->key_file,
                   "sign with this: a private key (PEM) or an HMAC secret")
      ->type_name("FILE")
      ->required();
  command->add_option("--ttl", options->ttl, "how long it lasts: 900s, 15m, 2h, 30d [1h]")
      ->transform(CLI::AsNumberWithUnit(kUnits))
      ->type_name("TIME");
  command->add_option("--tenant", options->tenant, "whose rows it shows");
  command->add_flag("--all-tenants", options->all_tenants, "it shows everybody's rows");
  command->add_option("--stream", options->streams, "only this stream, and others that are named");
  command->add_option("--filter", options->grant.filter, "only these rows, as status=eq.paid");
  command->add_option("--column", options->grant.columns, "only this column, and others so named");
  command->add_flag("--write", options->grant.write, "its bearer may write, where --desk lets him");
  command->add_option("--subject", options->grant.subject, "who it is for (sub), for the log");
  command->add_option("--id", options->grant.token_id, "to revoke it by (jti) [random]");
  command->add_option("--issuer", options->parties.issuer, "iss");
  command->add_option("--audience", options->parties.audience, "aud");
  command->add_option("--key-id", options->parties.key_id, "kid");
  command->callback([options] { mint(*options); });
}

void add_verify(CLI::App& token) {
  auto options = std::make_shared<VerifyCommand>();
  auto* command = token.add_subcommand(
      "verify", "Read a token from standard input; say what is in it, or why it is refused");
  command->add_option("--jwt-key", options->access.key_files, "as serve has it")
      ->type_name("FILE")
      ->envname("ORDERCAST_JWT_KEY")
      ->required();
  command->add_option("--jwt-algorithm", options->access.algorithms, "as serve has it")
      ->check(CLI::IsMember(algorithm_names()))
      ->envname("ORDERCAST_JWT_ALGORITHM");
  command->add_option("--jwt-issuer", options->access.issuer, "as serve has it")
      ->envname("ORDERCAST_JWT_ISSUER");
  command->add_option("--jwt-audience", options->access.audiences, "as serve has it")
      ->envname("ORDERCAST_JWT_AUDIENCE");
  command->callback([options] { verify(*options); });
}

}  // namespace

void add_token(CLI::App& app) {
  auto* token = app.add_subcommand("token", "Make and check the tokens that clients bring");
  token->require_subcommand(1);
  add_mint(*token);
  add_verify(*token);
}

}  // namespace ordercast::app
