// Stops a send(2) of this program in its midst, to see what others do meanwhile. A program that
// uses it calls a send() that stands before libc's and does the same; one gate at a time.
// Thread-safe.
#pragma once

namespace ordercast::testing {

class SendGate {
 public:
  // The next send to the socket `fd` stops before its bytes go.
  explicit SendGate(int fd);
  // Opens.
  ~SendGate();
  SendGate(const SendGate&) = delete;
  SendGate& operator=(const SendGate&) = delete;

  // False when no thread has come to stand in it within patience.
  [[nodiscard]] bool reached() const;
  // Lets it go on, and all who come later.
  void open();
};

}  // namespace ordercast::testing
