// What whoever asks may see and do, once it is known who that is. A value, immutable once shared.
// It comes from a verified token, or is everything() where nobody is asked (a server that listens
// on this machine only). The layers below obey it and never ask where it is from.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ordercast {

struct Grant {
  std::string subject = {};      // the token's `sub`: for the log
  std::string token_id = {};     // its `jti`; empty: it has none and cannot be revoked by it
  std::string fingerprint = {};  // auth/fingerprint.h; empty: nobody is asked who he is
  // Of the session whose cookie brought it (auth/session_id.h); empty: it came otherwise.
  std::string session = {};
  // When that came: the session may have ended since.
  std::chrono::steady_clock::time_point brought_at = {};
  // Whose rows: the value of the stream's tenant column as PostgreSQL prints it. None: of all
  // tenants. With one, a stream without a tenant column cannot be seen at all.
  std::optional<std::string> tenant = std::nullopt;
  std::optional<std::vector<std::string>> streams = std::nullopt;  // their names; none: all
  std::string filter =
      {};  // narrows every view: the query's syntax, as in "status=eq.paid&total=gte.5"
  std::vector<std::string> columns = {};  // nothing but these, and the keys; empty: all
  bool write = false;                     // orders and messages may be written
  std::optional<std::chrono::system_clock::time_point> issued_at = std::nullopt;
  std::optional<std::chrono::system_clock::time_point> expires_at = std::nullopt;  // none: never
};

using GrantPtr = std::shared_ptr<const Grant>;

// May see all; and write when `write`.
[[nodiscard]] inline GrantPtr everything(bool write) {
  return std::make_shared<const Grant>(Grant{.write = write});
}

}  // namespace ordercast
