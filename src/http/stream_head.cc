#include "http/stream_head.h"

#include "http/header_rules.h"

namespace ordercast::http {

std::string stream_head(const StreamSession& session, StreamWriter::Framing framing) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  const auto add = [&head](const std::string& name, const std::string& value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Content-Type", session.content_type);
  for (const auto& [name, value] : session.headers) add(name, value);
  for (const auto& [name, value] : security_headers()) add(name, value);
  if (framing == StreamWriter::Framing::kChunked) add("Transfer-Encoding", "chunked");
  add("Connection", "close");
  return head + "\r\n";
}

}  // namespace ordercast::http
