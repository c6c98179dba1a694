#include "auth/session_id.h"

#include <openssl/sha.h>

namespace ordercast::auth {

std::string session_id(std::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace ordercast::auth
