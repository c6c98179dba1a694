// Waiting, sending and receiving on a connected socket, always with a deadline and never with
// SIGPIPE. Works on blocking and non-blocking sockets alike. Thread-safe as far as the socket is.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace ordercast::http {

using Deadline = std::chrono::steady_clock::time_point;

enum class IoStatus { kDone, kTimeout, kGone };

// Until one of poll(2)'s `events`, or a hang-up or an error, shows on the socket: then kDone. After
// the deadline always kTimeout, so that a peer which trickles cannot outlive it in a loop.
[[nodiscard]] IoStatus wait_for(int fd, short events, Deadline deadline);

// Until one of the entries shows something, or the deadline: then no entry shows anything.
void wait_for_any(std::span<pollfd> entries, Deadline deadline);

// Takes what is there, at most `size` bytes, without blocking: as recv(2), 0 at the end.
[[nodiscard]] ssize_t receive_now(int fd, char* buffer, std::size_t size);

// Sends as much as the socket takes now: the bytes taken, or -1 with errno, EAGAIN when the socket
// is full.
[[nodiscard]] ssize_t send_now(int fd, std::string_view bytes);

// Closing the socket will reset the connection and free what it has not sent.
void reset_on_close(int fd);

}  // namespace ordercast::http
