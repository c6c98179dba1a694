#include "auth/fingerprint.h"

#include <openssl/sha.h>

#include <array>
#include <string_view>

#include "core/base64url.h"

namespace ordercast::auth {
namespace {

// 96 bits: nobody finds a second subject for it.
constexpr std::size_t kBytes = 12;

// With its length, so that no two lists of texts are one text.
void append(std::string& all, std::string_view text) {
  all.append(std::to_string(text.size())).append(":").append(text);
}

void append(std::string& all, const std::vector<std::string>& texts) {
  all.append(std::to_string(texts.size())).append(";");
  for (const auto& text : texts) append(all, text);
}

// None is another thing than an empty one.
template <typename T>
void append(std::string& all, const std::optional<T>& value) {
  all.append(value ? "+" : "-");
  if (value) append(all, *value);
}

}  // namespace

std::string fingerprint_of(const Grant& grant) {
  std::string all;
  append(all, grant.subject);
  append(all, grant.tenant);
  append(all, grant.streams);
  append(all, grant.filter);
  append(all, grant.columns);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
  return base64url_encode({reinterpret_cast<const char*>(digest.data()), kBytes});
}

}  // namespace ordercast::auth
