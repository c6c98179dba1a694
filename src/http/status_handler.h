// GET /livez, /readyz: what an orchestrator asks. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// A reason not to be ready that only the layers below know: a code and a sentence, as json_error()
// takes them.
struct NotReady {
  std::string code;
  std::string detail;
};
using ReadinessCheck = std::function<std::optional<NotReady>()>;

// Why no stream can be served now; `check` is asked after what the hub says of itself.
[[nodiscard]] std::optional<NotReady> why_not_ready(const hub::Hub::Status& status,
                                                    const ReadinessCheck& check);

// /livez: 200 while the server answers (which shows that it accepts) and the fan-out does its
// rounds, whatever the database does: a restart would only make a reconnect storm. /readyz: 200
// when streams can be served, else 503 with the reason. `hub` outlives the server.
void add_status_routes(Server& server, hub::Hub& hub, ReadinessCheck check);

// So long the fan-out may take from round to round. It needs some 60 ms for 10,000 clients, and
// does one in a quarter of a heartbeat's time at least, which is 15 s at most.
inline constexpr std::chrono::seconds kStuck{30};

// Whether the fan-out does its rounds.
[[nodiscard]] bool fans_out(const hub::Hub::Status& status,
                            std::chrono::steady_clock::time_point now);

[[nodiscard]] Response liveness(const hub::Hub::Status& status,
                                std::chrono::steady_clock::time_point now);

}  // namespace ordercast::http
