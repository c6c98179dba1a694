#include "core/epoch.h"

#include <fmt/format.h>

namespace ordercast {

Epoch Epoch::of(std::string_view system_identifier, std::string_view uuid,
                std::string_view timeline) {
  // FNV-1a, 64 bits: an identity, not a secret; a collision needs 2^24 clusters.
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  for (const auto part : {system_identifier, uuid, timeline}) {
    mix(part);
    mix("/");
  }
  hash = (hash >> 48 ^ hash) & 0xffffffffffff;
  return {hash == 0 ? 1 : hash};
}

std::string Epoch::text() const {
  return fmt::format("{:012x}", id);
}

}  // namespace ordercast
