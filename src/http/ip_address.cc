#include "http/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace ordercast::http {
namespace {

constexpr std::size_t kV4Offset = 12;
constexpr std::array<std::uint8_t, kV4Offset> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kV4PrefixBits = 8 * kV4Offset;
constexpr int kClientBits = 64;

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kV4Offset) == 1) {
    return address;
  }
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  static const IpAddress v6_loopback = *parse("::1");
  return is_v4() ? bytes_[kV4Offset] == 127 : *this == v6_loopback;
}

IpAddress IpAddress::client_network() const {
  return is_v4() ? *this : prefix(kClientBits);
}

IpAddress IpAddress::prefix(int bits) const {
  IpAddress kept;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    const int of_this_byte = std::clamp(bits - 8 * static_cast<int>(i), 0, 8);
    kept.bytes_[i] = static_cast<std::uint8_t>(bytes_[i] & (0xff00 >> of_this_byte));
  }
  return kept;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes_.data() + kV4Offset, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return AddressRange(*address, IpAddress::kBits);

  const auto digits = text.substr(slash + 1);
  const int before = address->is_v4() ? kV4PrefixBits : 0;
  int bits = 0;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, bits);
  const bool number = parsed.ec == std::errc() && parsed.ptr == end;
  if (!number || bits < 0 || before + bits > IpAddress::kBits) return std::nullopt;
  if (address->prefix(before + bits) != *address) return std::nullopt;
  return AddressRange(*address, before + bits);
}

}  // namespace ordercast::http
