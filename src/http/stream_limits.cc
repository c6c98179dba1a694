#include "http/stream_limits.h"

#include <utility>

namespace ordercast::http {
namespace {

constexpr Refusal kTooManyOfAll{503, "too_many_streams",
                                "The server has as many streams as it can serve. Try again in a "
                                "few seconds."};
constexpr Refusal kTooManyOfTenant{429, "too_many_tenant_streams",
                                   "Your account has as many streams open as one may have. Close "
                                   "some that you do not need."};

}  // namespace

StreamLimits::StreamLimits(const StreamLimitOptions& options)
    : all_(options.most), tenants_(options.most_per_tenant), lifetime_(options.lifetime) {}

void StreamLimits::set(const StreamLimitOptions& options) {
  all_.set_most(options.most);
  tenants_.set_most(options.most_per_tenant);
  lifetime_ = options.lifetime;
}

std::variant<StreamLimits::Place, Refusal> StreamLimits::enter(const Grant& grant) {
  auto places = std::make_shared<Places>();
  if (grant.tenant) {
    auto of_tenant = tenants_.enter(*grant.tenant);
    if (!of_tenant) return kTooManyOfTenant;
    places->of_tenant = *std::move(of_tenant);
  }
  auto of_all = all_.enter({});
  if (!of_all) return kTooManyOfAll;
  places->of_all = *std::move(of_all);
  return Place(std::move(places));
}

}  // namespace ordercast::http
