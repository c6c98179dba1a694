// A numeric IPv4 or IPv6 address, and a range of them as in 10.0.0.0/8. Value types.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast::http {

class IpAddress {
 public:
  // "192.0.2.1", "2001:db8::1"; an IPv4 address inside IPv6 (::ffff:192.0.2.1) is that IPv4
  // address. nullopt for all else: names, ports, zones, brackets, numbers with leading zeros.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8 and ::1
  // What one client is known by: IPv4 as it is, of IPv6 the first 64 bits, since everybody is given
  // as many addresses below those as he likes (RFC 4291 section 2.5.4).
  [[nodiscard]] IpAddress client_network() const;
  [[nodiscard]] std::string text() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  friend class AddressRange;
  static constexpr int kBits = 128;

  // Only the first `bits`, the others 0.
  [[nodiscard]] IpAddress prefix(int bits) const;

  std::array<std::uint8_t, kBits / 8> bytes_{};  // IPv4 as ::ffff:a.b.c.d
};

class AddressRange {
 public:
  // CIDR notation (RFC 4632 section 3.1), or one address. nullopt for all else, also when bits
  // behind the prefix are set: 10.1.2.3/8 is somebody's mistake.
  [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const {
    return address.prefix(bits_) == first_;
  }

  bool operator==(const AddressRange&) const = default;

 private:
  AddressRange(const IpAddress& first, int bits) : first_(first), bits_(bits) {}

  IpAddress first_;
  int bits_;  // of 128
};

}  // namespace ordercast::http
