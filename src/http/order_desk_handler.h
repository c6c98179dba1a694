// The order desk: the rows of the stream `orders`, read and written one request at a time
// (docs/protocol.md, "Order desk"). Thread-safe.
//
//   GET   /v1/orders         rows, with a link to the stream that goes on from there
//   GET   /v1/orders/{id}    one
//   POST  /v1/orders         a new one
//   PATCH /v1/orders/{id}    some of its columns; If-Match is honoured
#pragma once

#include <cstddef>

#include "core/desk.h"
#include "core/history_reader.h"
#include "http/server.h"
#include "hub/hub.h"

namespace ordercast::http {

// Of GET /v1/orders: a page of a screen, and what is still read as one answer.
inline constexpr std::size_t kDefaultRows = 100;
inline constexpr std::size_t kMostRows = 1000;
// A thousand rows of 16 kB. The rows are in memory until they are sent.
inline constexpr std::size_t kMostRowBytes = std::size_t{16} << 20;

// Whether anybody may write is the server's Access to say. What is given outlives the server.
void add_order_desk_routes(Server& server, hub::Hub& hub, HistoryReader& history, Desk& desk);

}  // namespace ordercast::http
