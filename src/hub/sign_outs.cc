#include "hub/sign_outs.h"

#include <utility>

namespace ordercast::hub {

void SignOuts::add(std::string session, Time now) {
  latest_.push_back({now, std::move(session)});
  while (latest_.size() > kMost || latest_.front().at < now - kKept) latest_.pop_front();
}

bool SignOuts::cover(const Grant& grant) const {
  if (grant.session.empty()) return false;
  for (auto each = latest_.rbegin(); each != latest_.rend(); ++each) {
    if (each->at < grant.brought_at) return false;
    if (each->session == grant.session) return true;
  }
  return false;
}

}  // namespace ordercast::hub
