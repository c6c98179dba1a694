#include "pg/server_user.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace ordercast::pg {
namespace {

// The sysconf() hint is advisory; an entry longer than this is not one of ours.
constexpr std::size_t kPasswdEntryBytes = 16384;

std::optional<ServerUser> to_user(const passwd* entry, bool other) {
  if (entry == nullptr) return std::nullopt;
  return ServerUser{entry->pw_name, {entry->pw_uid, entry->pw_gid}, other};
}

std::optional<ServerUser> by_name(const char* name) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, kPasswdEntryBytes> buffer;
  ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
  return to_user(found, true);
}

std::optional<ServerUser> by_id(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, kPasswdEntryBytes> buffer;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return to_user(found, false);
}

}  // namespace

ServerUser ServerUser::choose() {
  const uid_t uid = ::geteuid();
  if (uid != 0) {
    if (auto self = by_id(uid)) return *self;
    throw NoServerUser(fmt::format(
        "the user id {} has no name here (no passwd entry), and PostgreSQL's initdb needs one: "
        "run as a named user, add the entry, or name a running server with --database",
        uid));
  }
  for (const char* name : {"postgres", "nobody"}) {
    if (auto user = by_name(name)) return *user;
  }
  throw NoServerUser(
      "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it "
      "as: "
      "create one, run Ordercast as a normal user, or name a running server with --database");
}

}  // namespace ordercast::pg
