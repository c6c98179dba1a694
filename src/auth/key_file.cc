#include "auth/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "auth/jwks.h"
#include "auth/public_key.h"
#include "base/unique_fd.h"

namespace ordercast::auth {
namespace {

// A set of dozens of keys has some 50 KiB.
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::string_view kPem = "-----BEGIN ";

struct File {
  std::string text;
  bool others_may_read = false;
};

File read(const std::filesystem::path& path) {
  const auto failed = [] { return KeyError(std::generic_category().message(errno)); };
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) throw failed();
  if ((status.st_mode & S_IWOTH) != 0) {
    throw KeyError("everybody on this machine may change it: chmod o-w");
  }
  File file{.text = {}, .others_may_read = (status.st_mode & S_IROTH) != 0};
  std::array<char, 4096> buffer;
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0) throw failed();
    if (got == 0) return file;
    file.text.append(buffer.data(), static_cast<std::size_t>(got));
    if (file.text.size() > kMostBytes) throw KeyError("it is too large for a file of keys");
  }
}

void keep_secret(const File& file) {
  if (file.others_may_read) {
    throw KeyError("it is secret, and everybody on this machine may read it: chmod o-r");
  }
}

std::string secret_of(const File& file) {
  std::string_view secret = file.text;
  if (secret.ends_with('\n')) secret.remove_suffix(1);
  if (secret.ends_with('\r')) secret.remove_suffix(1);
  if (secret.size() < kLeastSecretBytes) {
    throw KeyError(
        fmt::format("an HMAC secret of {} bytes is too weak: 32 at least (openssl rand -base64 48)",
                    secret.size()));
  }
  if (is_der_public_key(file.text)) {
    throw KeyError(
        "it is a public key in DER: give it in PEM (openssl pkey -pubin -inform DER -in FILE)");
  }
  for (const auto* prefix : {"ssh-", "ecdsa-"}) {
    if (secret.starts_with(prefix)) throw KeyError("it is a key of SSH: give it in PEM");
  }
  keep_secret(file);
  return std::string(secret);
}

std::vector<Key> keys_of(const File& file) {
  if (file.text.find(kPem) != file.text.npos) return parse_public_keys(file.text);
  const auto first = file.text.find_first_not_of(" \t\r\n");
  if (first != file.text.npos && file.text[first] == '{') {
    auto keys = parse_jwks(file.text);
    for (const auto& key : keys) {
      if (key.algorithm == Algorithm::kHs256) keep_secret(file);
    }
    return keys;
  }
  return {{.id = {}, .algorithm = Algorithm::kHs256, .material = secret_of(file)}};
}

SigningKey signing_key_of(const File& file) {
  if (file.text.find(kPem) == file.text.npos) {
    return {.algorithm = Algorithm::kHs256, .material = secret_of(file)};
  }
  keep_secret(file);
  return parse_private_key(file.text);
}

template <typename Read>
auto naming(const std::filesystem::path& path, Read how) {
  try {
    return how(read(path));
  } catch (const KeyError& error) {
    throw KeyError(fmt::format("key file {}: {}", path.string(), error.what()));
  }
}

}  // namespace

std::vector<Key> read_key_file(const std::filesystem::path& path) {
  return naming(path, keys_of);
}

SigningKey read_signing_key(const std::filesystem::path& path) {
  return naming(path, signing_key_of);
}

}  // namespace ordercast::auth
