// Files with keys. Free functions, thread-safe; all throw KeyError, which names the file and shows
// nothing of what is in it.
#pragma once

#include <filesystem>
#include <vector>

#include "auth/key.h"

namespace ordercast::auth {

// By what it holds: public keys in PEM, a JSON Web Key Set, or else the bytes of an HMAC secret
// (one line break at the end is not part of it). Refused are a file that others on this machine may
// change, one with a secret that they may read, secrets of less than kLeastSecretBytes, and what is
// no secret, for anybody may know it: a public key in another form.
[[nodiscard]] std::vector<Key> read_key_file(const std::filesystem::path& path);

// A private key in PEM, or a secret as above; nobody else on this machine may read it.
[[nodiscard]] SigningKey read_signing_key(const std::filesystem::path& path);

}  // namespace ordercast::auth
