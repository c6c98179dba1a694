#include "http/tickets.h"

#include <utility>

#include "base/random_bytes.h"
#include "core/base64url.h"

namespace ordercast::http {
namespace {

// Nobody guesses 32 bytes, and no comparison need hide how far it came.
constexpr std::size_t kRandomBytes = 32;

}  // namespace

std::optional<std::string> Tickets::issue(GrantPtr grant) {
  auto ticket = base64url_encode(random_bytes(kRandomBytes));
  const auto now = now_();
  const MutexLock lock(mutex_);
  if (issued_.size() >= kMost) {
    std::erase_if(issued_, [&](const auto& entry) { return entry.second.ends <= now; });
  }
  if (issued_.size() >= kMost) return std::nullopt;
  issued_.emplace(ticket, Issued{std::move(grant), now + kLasts});
  return ticket;
}

GrantPtr Tickets::redeem(std::string_view ticket) {
  const auto now = now_();
  const MutexLock lock(mutex_);
  const auto found = issued_.find(std::string(ticket));
  if (found == issued_.end()) return nullptr;
  auto grant = found->second.ends > now ? std::move(found->second.grant) : nullptr;
  issued_.erase(found);
  return grant;
}

void Tickets::sign_out(const std::string& session) {
  const MutexLock lock(mutex_);
  std::erase_if(issued_, [&](const auto& entry) { return entry.second.grant->session == session; });
}

}  // namespace ordercast::http
