#include "app/node_address.h"

namespace ordercast::app {

void NodeAddress::add_to(CLI::App& command) {
  command.add_option("URL", url, "of the node")->envname("ORDERCAST_URL")->capture_default_str();
  token.add_to(command);
}

client::NodeClient::Options NodeAddress::client_options() const {
  return {.url = url, .token = token.token()};
}

}  // namespace ordercast::app
