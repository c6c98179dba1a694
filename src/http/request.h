// One HTTP request as a route sees it: read, checked and decoded by the guard (request_head.h),
// never by the HTTP library. A value; immutable once a handler has it.
//
// What a handler may rely on, because the guard has refused everything else:
//  * `path` and `path_parameter` are valid UTF-8 without control characters;
//  * names and values of `params` are valid UTF-8 without NUL (line breaks may occur);
//  * header values hold no control characters but tab, and are as the client sent them: not
//    percent-decoded;
//  * Host, Content-Length, Content-Type, Authorization, Origin, Last-Event-ID occur at most once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/grant.h"
#include "core/parameter.h"

namespace ordercast::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "GET"; a HEAD request reaches the GET route with method "HEAD"
  std::string path;    // percent-decoded: "/v1/streams/orders"
  std::vector<Parameter>
      params;  // percent-decoded query ('+' is a space), in order, duplicates kept
  std::vector<Header> headers;
  std::string path_parameter;  // what `{name}` of the route matched, percent-decoded
  std::string remote_addr;     // numeric address of the socket's peer, never taken from a header
  std::string client_addr;     // the same, or what a trusted proxy says (client_address.h)
  bool https = false;          // the client came over TLS, to us or as a trusted proxy says
  std::string body;            // at most ServerOptions::body_bytes
  bool http_1_0 = false;
  GrantPtr grant = everything(false);  // what it may see and do; never null

  // The first header of that name, in any case. Valid while the request is.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  // The first parameter of that name, case-sensitive.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
};

}  // namespace ordercast::http
