#include "hub/endings.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>

#include "support/hub_fixture.h"
#include "support/socket_outlet.h"

namespace ordercast::hub {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Kind = Subscriber::Delivery::Kind;
using Clock = std::chrono::steady_clock;

// No test waits for a heartbeat: nothing but its ending can end a stay.
constexpr HubOptions kNoHeartbeat{.heartbeat = 10min};
constexpr Endings::Time kBegin{};

GrantPtr token(std::string id, std::optional<std::chrono::milliseconds> lasts = std::nullopt) {
  Grant grant{.token_id = std::move(id)};
  if (lasts) grant.expires_at = std::chrono::system_clock::now() + *lasts;
  return std::make_shared<const Grant>(std::move(grant));
}

bool any(const Grant& /*grant*/) {
  return true;
}

GrantPtr of_session(std::string session) {
  return std::make_shared<const Grant>(
      Grant{.session = std::move(session), .brought_at = Clock::now()});
}

RevocationsPtr revoked(std::string id) {
  return std::make_shared<const Revocations>(std::vector<Revocation>{{.token_id = std::move(id)}});
}

TEST_CASE("The earliest end counts, and each is taken once", "[endings]") {
  Endings endings;
  Endings::Stay a{.seat = std::make_shared<Seat>(), .view = nullptr};
  Endings::Stay b{.seat = std::make_shared<Seat>(), .view = nullptr};
  endings.add(a);
  endings.add(b);
  CHECK(endings.next() == std::nullopt);
  endings.end_by(a, kBegin + 20s, kTokenExpired);
  endings.end_by(a, kBegin + 10s, kLifetime);
  endings.end_by(a, kBegin + 30s, kTokenRevoked);
  endings.end_by(b, kBegin + 15s, kTokenExpired);
  CHECK(endings.next() == kBegin + 10s);
  CHECK(a.reason == kLifetime);
  CHECK_FALSE(a.over(kBegin + 9s));
  CHECK(endings.take_due(kBegin + 9s).empty());
  const auto due = endings.take_due(kBegin + 10s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].seat == a.seat);
  CHECK(a.over(kBegin + 10s));
  endings.remove(b);
  CHECK(endings.next() == std::nullopt);
  CHECK(endings.take_due(kBegin + 1h).empty());
}

TEST_CASE("Only those who are meant end", "[endings]") {
  Endings endings;
  Endings::Stay of_token{.seat = {}, .view = {}, .grant = token("a")};
  Endings::Stay of_other{.seat = {}, .view = {}, .grant = token("b")};
  Endings::Stay of_nobody{.seat = {}, .view = {}};
  for (auto* stay : {&of_token, &of_other, &of_nobody}) endings.add(*stay);
  const auto end = [&](std::string_view id) {
    return endings.end_now([&](const Grant& grant) { return grant.token_id == id; }, kBegin,
                           kTokenRevoked);
  };
  CHECK_FALSE(end("c"));
  CHECK(end("a"));
  CHECK(of_token.over(kBegin));
  CHECK(of_token.reason == kTokenRevoked);
  CHECK_FALSE(of_other.over(kBegin + 1h));
  CHECK_FALSE(of_nobody.over(kBegin + 1h));
  CHECK(endings.end_now(any, kBegin, kTokenRevoked));
  CHECK_FALSE(of_nobody.over(kBegin + 1h));  // nobody was asked
}

TEST_CASE("A parked subscriber ends when its token does, without a heartbeat", "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  SocketOutlet socket;
  const auto subscriber = fixture.subscribe();
  subscriber->attach(socket.outlet());
  const auto begin = Clock::now();
  subscriber->obey(token("a", 150ms));
  const auto delivery = subscriber->next(Subscriber::Time::max());
  CHECK(delivery.kind == Kind::kEnded);
  CHECK(delivery.reason == kTokenExpired);
  // Half of it: obey() reads two clocks, and who is held up between them for long ends early.
  CHECK(Clock::now() - begin >= 70ms);
  CHECK(subscriber->over()->reason == kTokenExpired);
}

TEST_CASE("A parked subscriber ends when its token is revoked", "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  SocketOutlet socket;
  const auto subscriber = fixture.subscribe();
  subscriber->attach(socket.outlet());
  subscriber->obey(token("a"));
  auto ended =
      std::async(std::launch::async, [&] { return subscriber->next(Subscriber::Time::max()); });
  while (fixture.hub.status().caught_up == 0) std::this_thread::yield();
  fixture.hub.set_revocations(revoked("b"));
  CHECK(ended.wait_for(20ms) == std::future_status::timeout);
  fixture.hub.set_revocations(revoked("a"));
  CHECK(ended.get().reason == kTokenRevoked);
}

TEST_CASE("A session ends with all that it has opened, and nothing else", "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  SocketOutlet socket;
  const auto parked = fixture.subscribe();
  parked->attach(socket.outlet());
  parked->obey(of_session("a"));
  const auto pulls = fixture.subscribe();
  pulls->obey(of_session("a"));
  const auto other = fixture.subscribe();
  other->obey(of_session("b"));
  const auto without = fixture.subscribe();
  without->obey(token("a"));
  auto ended =
      std::async(std::launch::async, [&] { return parked->next(Subscriber::Time::max()); });
  while (fixture.hub.status().caught_up == 0) std::this_thread::yield();
  fixture.hub.sign_out("a");
  CHECK(ended.get().reason == kSignedOut);
  CHECK(pulls->next(kAtOnce).reason == kSignedOut);
  CHECK(other->next(kAtOnce).kind == Kind::kIdle);
  CHECK(without->next(kAtOnce).kind == Kind::kIdle);
}

TEST_CASE("What a session has brought before it ended ends as it begins, and nothing else",
          "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  const auto brought_before = of_session("a");
  fixture.hub.sign_out("a");
  const auto again =
      std::make_shared<const Grant>(Grant{.session = "a", .brought_at = Clock::now() + 1ms});
  const auto begin = [&](GrantPtr grant) {
    const auto subscriber = fixture.subscribe();
    subscriber->obey(std::move(grant));
    return subscriber->next(kAtOnce);
  };
  CHECK(begin(brought_before).reason == kSignedOut);
  CHECK(begin(of_session("b")).kind == Kind::kIdle);
  CHECK(begin(token("a")).kind == Kind::kIdle);
  CHECK(begin(again).kind == Kind::kIdle);
}

TEST_CASE("What is revoked between the check and the stream ends it at once", "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  fixture.hub.set_revocations(revoked("a"));
  const auto subscriber = fixture.subscribe();
  subscriber->obey(token("a"));
  CHECK(subscriber->next(kAtOnce).reason == kTokenRevoked);
}

TEST_CASE("A subscriber that pulls ends in its wait, and before what is left to tell",
          "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  const auto subscriber = fixture.subscribe();
  subscriber->obey(token("a", 50ms));
  CHECK(subscriber->next(Subscriber::Time::max()).reason == kTokenExpired);
  fixture.commit_and_publish();
  CHECK(subscriber->next(kAtOnce).kind == Kind::kEnded);
}

TEST_CASE("An end that is far off disturbs nobody", "[endings]") {
  HubFixture fixture(HistoryReader::kPageRows, kNoHeartbeat);
  const auto subscriber = fixture.subscribe();
  subscriber->obey(token("a", 1h));
  subscriber->end_by(Clock::now() + 1h, kLifetime);
  CHECK_FALSE(subscriber->over());
  fixture.commit_and_publish();
  CHECK(subscriber->next(kAtOnce).kind == Kind::kFrames);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
}

}  // namespace
}  // namespace ordercast::hub
