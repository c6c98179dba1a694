#include "core/revocations.h"

#include <algorithm>
#include <utility>

namespace ordercast {
namespace {

bool one_covers(const std::vector<Revocation>& all, const Grant& grant) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Revocation& each) { return each.covers(grant); });
}

}  // namespace

bool Revocation::covers(const Grant& grant) const {
  if (!token_id && !tenant && !issued_before) return false;
  return (!token_id || *token_id == grant.token_id) && (!tenant || tenant == grant.tenant) &&
         (!issued_before || !grant.issued_at || *grant.issued_at < *issued_before);
}

Revocations::Revocations(std::vector<Revocation> all) {
  for (auto& each : all) {
    auto& place = each.token_id ? of_tokens_[*each.token_id]
                  : each.tenant ? of_tenants_[*each.tenant]
                                : of_all_;
    place.push_back(std::move(each));
  }
}

bool Revocations::cover(const Grant& grant) const {
  const auto found = [&](const ByName& names, const std::string& name) {
    const auto of_name = names.find(name);
    return of_name != names.end() && one_covers(of_name->second, grant);
  };
  return one_covers(of_all_, grant) || found(of_tokens_, grant.token_id) ||
         (grant.tenant && found(of_tenants_, *grant.tenant));
}

}  // namespace ordercast
