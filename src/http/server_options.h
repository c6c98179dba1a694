// Every limit and time-out of the HTTP server, in one place. A value.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/thread.h"
#include "http/admission.h"
#include "http/head_limits.h"
#include "http/refusal_form.h"
#include "http/tls_certificate.h"

namespace ordercast::http {

struct ServerOptions {
  using Millis = std::chrono::milliseconds;

  // What is spoken: HTTP over TLS; null: plain.
  std::shared_ptr<const TlsCertificate> tls = nullptr;

  HeadLimits limits;
  AdmissionOptions admission;

  // From accept to the last byte of the request, TLS handshake, head and body together, however the
  // bytes trickle in.
  Millis request_timeout{5'000};
  // For a whole ordinary answer, however the peer reads; 1 MiB to a phone at 35 KiB/s.
  Millis response_timeout{30'000};
  // For a stream: how long its peer may take no byte at all. Below peer_timeout, so that we and not
  // the kernel decide.
  Millis write_stall_timeout{15'000};
  // TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged. Without it a peer whose packets
  // are dropped stays for about 15 minutes (tcp_retries2); with 20 s it was gone after 21 s.
  Millis peer_timeout{20'000};
  // After the answer: how long to wait for the peer's own close, so that no reset destroys what it
  // has not read.
  Millis linger_timeout{1'000};
  // How long stop() waits for the connections to end.
  Millis stop_timeout{5'000};

  // Threads, and so streams, at once. Twice the 10,000 that a node is measured with: a crowd that
  // was cut comes back before all its old connections have ended.
  std::size_t max_connections = 20'000;
  // Connections that wait for accept(): a reconnecting crowd. The kernel cuts it to
  // net.core.somaxconn.
  int listen_backlog = 4096;
  // Of a connection's thread. Its deepest user is the database client (name look-up, TLS), not
  // HTTP: the guard keeps every std::regex of the library away from what a client sends.
  std::size_t stack_bytes = kSanitizerStackFactor * 512 * 1024;
  // Before accept() is tried again when the system is out of descriptors or memory.
  Millis accept_pause{20};

  // Connections that are not admitted, are beyond max_connections, or without a thread, are
  // answered by one thread: see refusal_desk.h.
  std::size_t refusal_slots = 256;  // more at once are closed unanswered
  Millis refusal_timeout{500};      // for their head to arrive
  RetryDelays retry_delays{
      .overloaded = {.least = Millis{1'000}, .spread = Millis{4'000}},
      // As many browsers as a node has streams would come at 950 a second in these.
      .limited = {.least = Millis{10'000}, .spread = Millis{20'000}}};

  // The two calls that fail when a machine is at its end: tests make them fail. `accept` behaves as
  // accept(2) on a non-blocking socket: a descriptor, or -1 and errno.
  std::function<int(int listening_fd)> accept;  // empty: accept4(2)
  ThreadStarter start_thread = start_joinable_thread;
};

}  // namespace ordercast::http
