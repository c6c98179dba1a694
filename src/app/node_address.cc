#include "app/node_address.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace ordercast::app {
namespace {

std::string token_in(const std::string& file) {
  std::string token;
  std::ifstream(file) >> token;
  if (token.empty()) {
    throw std::invalid_argument(fmt::format("{} cannot be read, or holds no token", file));
  }
  return token;
}

}  // namespace

void NodeAddress::add_to(CLI::App& command) {
  command.add_option("URL", url, "of the node")->envname("ORDERCAST_URL")->capture_default_str();
  command
      .add_option("--token-file", token_file,
                  "a file with the token to bring, for nodes that ask for one")
      ->type_name("FILE")
      ->envname("ORDERCAST_TOKEN_FILE");
}

http::NodeClient::Options NodeAddress::client_options() const {
  return {.url = url, .token = token_file.empty() ? "" : token_in(token_file)};
}

}  // namespace ordercast::app
