#include "app/token_source.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace ordercast::app {
namespace {

constexpr std::size_t kMostBytes = 6 * 1024;  // no server takes more

// RFC 6750, section 2.1, and no line break that would begin another header.
bool fits_header(const std::string& token) {
  return token.size() <= kMostBytes &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

void TokenSource::add_to(CLI::App& command) {
  command
      .add_option("--token-file", file_,
                  "where the token is, read before each connection [the variable ORDERCAST_TOKEN]")
      ->type_name("FILE")
      ->envname("ORDERCAST_TOKEN_FILE");
}

std::string TokenSource::token() const {
  std::string token;
  if (file_.empty()) {
    const char* variable = std::getenv("ORDERCAST_TOKEN");
    if (variable != nullptr) token = variable;
  } else {
    std::ifstream in(file_);
    if (!std::getline(in, token)) throw std::runtime_error("no token can be read from " + file_);
    token.resize(token.find_last_not_of(" \t\r") + 1);
  }
  if (!fits_header(token)) {
    throw std::runtime_error("that is no token: " + (file_.empty() ? "ORDERCAST_TOKEN" : file_));
  }
  return token;
}

}  // namespace ordercast::app
