#include "auth/token.h"

#include <algorithm>
#include <utility>

#include "auth/strict_json.h"
#include "core/base64url.h"

namespace ordercast::auth {
namespace {

using nlohmann::json;

constexpr TokenProblem kNotAToken{"it is not a token: three parts of base64url, JSON in two"};
constexpr TokenProblem kUnknownAlgorithm{"its algorithm (alg) is not one of RS256, ES256, HS256"};
constexpr TokenProblem kUnknownType{"its type (typ) is not JWT"};
constexpr TokenProblem kUnknownExtension{
    "it needs an extension (crit, b64) that is not known here"};
constexpr TokenProblem kBadKeyId{"its key id (kid) is not a short text"};
constexpr TokenProblem kTooLong{"it is too long"};

constexpr std::size_t kMostKeyIdBytes = 200;

// In ASCII.
bool same_word(std::string_view text, std::string_view lower_case) {
  return std::equal(
      text.begin(), text.end(), lower_case.begin(), lower_case.end(),
      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; });
}

std::optional<TokenProblem> read_header(const json& header, Token& token) {
  const auto algorithm = parse_algorithm(string_member(header, "alg").value_or(""));
  if (!algorithm) return kUnknownAlgorithm;
  token.algorithm = *algorithm;
  if (header.contains("crit") || header.contains("b64")) return kUnknownExtension;
  if (header.contains("typ")) {
    const auto type = string_member(header, "typ").value_or("");
    if (!same_word(type, "jwt") && !same_word(type, "at+jwt")) return kUnknownType;
  }
  if (header.contains("kid")) {
    token.key_id = string_member(header, "kid");
    if (!token.key_id || token.key_id->size() > kMostKeyIdBytes) return kBadKeyId;
  }
  return std::nullopt;
}

}  // namespace

std::variant<Token, TokenProblem> parse_token(std::string_view text) {
  if (text.size() > kMostTokenBytes) return kTooLong;
  const auto first = text.find('.');
  const auto second = first == text.npos ? first : text.find('.', first + 1);
  if (second == text.npos) return kNotAToken;
  Token token{.algorithm = {},
              .key_id = {},
              .signed_part = text.substr(0, second),
              .signature = text.substr(second + 1),
              .payload = {}};
  // A third dot is no base64url.
  const auto header_text = base64url_decode(text.substr(0, first));
  auto payload = base64url_decode(text.substr(first + 1, second - first - 1));
  if (!header_text || !payload || token.signature.empty() || !base64url_decode(token.signature)) {
    return kNotAToken;
  }
  const auto header = parse_strictly(*header_text);
  if (!header || !header->is_object()) return kNotAToken;
  if (const auto problem = read_header(*header, token)) return *problem;
  token.payload = *std::move(payload);
  return token;
}

}  // namespace ordercast::auth
