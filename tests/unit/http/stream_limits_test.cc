#include "http/stream_limits.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ordercast::http {
namespace {

class Streams {
 public:
  explicit Streams(StreamLimits& limits) : limits_(limits) {}

  // The code of the refusal, or empty.
  std::string open(std::optional<std::string> tenant) {
    auto entered = limits_.enter(Grant{.tenant = std::move(tenant)});
    if (const auto* refused = std::get_if<Refusal>(&entered)) return refused->code;
    places_.push_back(std::get<StreamLimits::Place>(entered));
    return {};
  }
  void close_all() { places_.clear(); }

 private:
  StreamLimits& limits_;
  std::vector<StreamLimits::Place> places_;
};

}  // namespace

TEST_CASE("a tenant has so many streams, others have theirs, and who is of none is not counted") {
  StreamLimits limits({.most = 100, .most_per_tenant = 2});
  Streams streams(limits);
  for (int i = 0; i < 2; ++i) CHECK(streams.open("a").empty());
  CHECK(streams.open("a") == "too_many_tenant_streams");
  CHECK(streams.open("b").empty());
  CHECK(streams.open("").empty());
  for (int i = 0; i < 5; ++i) CHECK(streams.open(std::nullopt).empty());
  CHECK(limits.tenants() == 3);
}

TEST_CASE("there are so many streams in all, and who is refused holds nothing") {
  StreamLimits limits({.most = 2, .most_per_tenant = 1});
  Streams streams(limits);
  CHECK(streams.open("a").empty());
  CHECK(streams.open(std::nullopt).empty());
  CHECK(streams.open("b") == "too_many_streams");
  CHECK(streams.open(std::nullopt) == "too_many_streams");
  CHECK(limits.tenants() == 1);
  streams.close_all();
  CHECK(limits.tenants() == 0);
  CHECK(streams.open("a").empty());
  CHECK(streams.open("b").empty());
}

TEST_CASE("limits that change hold for the streams that begin from then on") {
  StreamLimits limits({.most = 2, .most_per_tenant = 1});
  Streams streams(limits);
  CHECK(streams.open("a").empty());
  limits.set({.most = 3, .most_per_tenant = 2});
  CHECK(streams.open("a").empty());
  CHECK(streams.open("a") == "too_many_tenant_streams");
  CHECK(streams.open("b").empty());
  limits.set({.most = 1, .most_per_tenant = 2});
  CHECK(streams.open("b") == "too_many_streams");
  CHECK(limits.lifetime().count() == 0);
  limits.set({.lifetime = std::chrono::seconds(3)});
  CHECK(limits.lifetime() == std::chrono::seconds(3));
}

}  // namespace ordercast::http
