#include "app/connection_budget.h"

#include <algorithm>
#include <limits>

#include "http/server_options.h"

namespace ordercast::app {
namespace {

// Of the program itself: database, listening socket, epoll, log, the rows of clients in files.
constexpr std::size_t kOtherDescriptors = 200;

}  // namespace

std::size_t default_connections(std::size_t descriptors) {
  const auto room = descriptors - std::min(descriptors, kOtherDescriptors);
  return std::clamp<std::size_t>(room, 1, http::ServerOptions{}.max_connections);
}

std::size_t descriptors_for(std::size_t connections) {
  const auto most = std::numeric_limits<std::size_t>::max();
  return connections > most - kOtherDescriptors ? most : connections + kOtherDescriptors;
}

bool has_room(std::size_t descriptors, std::size_t connections) {
  return descriptors >= descriptors_for(connections);
}

}  // namespace ordercast::app
