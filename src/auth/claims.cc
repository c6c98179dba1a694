#include "auth/claims.h"

#include <algorithm>
#include <utility>

#include "auth/strict_json.h"

namespace ordercast::auth {
namespace {

using nlohmann::json;
using Time = std::chrono::system_clock::time_point;

// 2255. What is later is a mistake (milliseconds, most likely), and from 2262 on would overflow the
// clock's nanoseconds.
constexpr std::uint64_t kLastSecond = 9'000'000'000;
constexpr std::size_t kMostTextBytes = 256;     // of `sub`, `jti`, `tenant`, a name
constexpr std::size_t kMostFilterBytes = 2048;  // as much as a query has room for
constexpr std::size_t kMostNames = 200;         // of streams or columns

// Thrown and caught in this file.
struct Refused {
  TokenProblem problem;
};

[[noreturn]] void refuse(const char* why) {
  throw Refused{{why}};
}

std::optional<Time> time_claim(const json& payload, const char* name, const char* problem) {
  const auto found = payload.find(name);
  if (found == payload.end()) return std::nullopt;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() > kLastSecond) refuse(problem);
  return Time(std::chrono::seconds(found->get<std::uint64_t>()));
}

bool is_plain(const std::string& text, std::size_t most_bytes) {
  return !text.empty() && text.size() <= most_bytes &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

std::string text_of(const json& value, const char* problem,
                    std::size_t most_bytes = kMostTextBytes) {
  if (!value.is_string()) refuse(problem);
  auto text = value.get<std::string>();
  if (!is_plain(text, most_bytes)) refuse(problem);
  return text;
}

std::vector<std::string> names_of(const json& value, const char* problem) {
  if (!value.is_array() || value.size() > kMostNames) refuse(problem);
  std::vector<std::string> names;
  for (const auto& name : value) names.push_back(text_of(name, problem));
  return names;
}

void check_times(const json& payload, const ClaimRules& rules, Time now, Grant& grant) {
  grant.expires_at = time_claim(payload, "exp", "its end (exp) is no whole number of seconds");
  grant.issued_at = time_claim(payload, "iat", "its time of issue (iat) is no number of seconds");
  const auto not_before =
      time_claim(payload, "nbf", "its beginning (nbf) is no whole number of seconds");
  if (!grant.expires_at) refuse("it has no end (exp)");
  if (now >= *grant.expires_at + rules.skew) refuse("it has expired");
  if (not_before && *not_before > now + rules.skew) refuse("it is not valid yet (nbf)");
  if (grant.issued_at && *grant.issued_at > now + rules.skew) {
    refuse("it was issued in the future (iat)");
  }
}

void check_parties(const json& payload, const ClaimRules& rules) {
  if (!rules.issuer.empty() && string_member(payload, "iss") != rules.issuer) {
    refuse("it is of another issuer (iss)");
  }
  const auto found = payload.find("aud");
  std::vector<std::string> audiences;
  if (found != payload.end()) {
    audiences = found->is_string() ? std::vector{found->get<std::string>()}
                                   : names_of(*found, "its audience (aud) is no text or list");
  }
  const auto ours = [&](const std::string& audience) {
    return std::find(rules.audiences.begin(), rules.audiences.end(), audience) !=
           rules.audiences.end();
  };
  if (!rules.audiences.empty() && std::none_of(audiences.begin(), audiences.end(), ours)) {
    refuse("it is for another audience (aud)");
  }
}

void read_member(const std::string& name, const json& value, Grant& grant) {
  if (name == "streams") {
    grant.streams = names_of(value, "its ordercast.streams is no list of names");
  } else if (name == "tenant") {
    if (!value.is_null()) grant.tenant = text_of(value, "its ordercast.tenant is no text or null");
  } else if (name == "filter") {
    grant.filter = text_of(value, "its ordercast.filter is no text", kMostFilterBytes);
  } else if (name == "columns") {
    grant.columns = names_of(value, "its ordercast.columns is no list of names");
    if (grant.columns.empty()) refuse("its ordercast.columns names none");
  } else if (name == "write") {
    if (!value.is_boolean()) refuse("its ordercast.write is neither true nor false");
    grant.write = value.get<bool>();
  } else {
    refuse("its ordercast has a member that is not known");
  }
}

Grant read(const json& payload, const ClaimRules& rules, Time now) {
  Grant grant;
  check_times(payload, rules, now, grant);
  check_parties(payload, rules);
  if (const auto subject = payload.find("sub"); subject != payload.end()) {
    grant.subject = text_of(*subject, "its subject (sub) is no text");
  }
  if (const auto id = payload.find("jti"); id != payload.end()) {
    grant.token_id = text_of(*id, "its id (jti) is no text");
  }
  const auto ours = payload.find(kClaim);
  if (ours == payload.end() || !ours->is_object()) refuse("it has no claim ordercast, an object");
  // An issuer that forgets it must not give everything away.
  if (!ours->contains("tenant"))
    refuse("its ordercast does not say whose rows (tenant; null: all)");
  for (const auto& [name, value] : ours->items()) read_member(name, value, grant);
  return grant;
}

}  // namespace

std::variant<Grant, TokenProblem> read_claims(std::string_view payload, const ClaimRules& rules,
                                              Time now) {
  const auto parsed = parse_strictly(payload);
  if (!parsed || !parsed->is_object()) return TokenProblem{"its payload is no plain JSON object"};
  try {
    return read(*parsed, rules, now);
  } catch (const Refused& refused) {
    return refused.problem;
  }
}

}  // namespace ordercast::auth
