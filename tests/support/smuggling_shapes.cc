#include "support/smuggling_shapes.h"

namespace ordercast::testing {
namespace {

using std::string_literals::operator""s;

const std::string kHidden = kHiddenRequest;

// A GET of /echo with extra header lines, which end as they are written here.
std::string get(const std::string& lines) {
  return "GET /echo HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}

std::string post(const std::string& lines, const std::string& rest) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n" + rest;
}

std::string line(const std::string& request_line) {
  return request_line + "\r\nHost: x\r\n\r\n";
}

}  // namespace

std::vector<SmugglingShape> line_end_shapes() {
  return {
      {"bare LF everywhere", "GET /echo HTTP/1.1\nHost: x\n\n", 400},
      {"bare LF after the request line", "GET /echo HTTP/1.1\nHost: x\r\n\r\n", 400},
      {"bare LF after a header", "GET /echo HTTP/1.1\r\nHost: x\n\r\n", 400},
      {"bare LF as the empty line", "GET /echo HTTP/1.1\r\nHost: x\r\n\n" + kHidden, 400},
      {"bare CR in the request line", line("GET /echo\r HTTP/1.1"), 400},
      {"bare CR as line end", "GET /echo HTTP/1.1\rHost: x\r\r", 400},
      {"bare CR in a value", get("X: a\rb\r\n"), 400},
      {"CR CR LF", get("X: a\r\r\n"), 400},
      {"LF CR", get("X: a\n\r"), 400},
      {"leading empty line", "\r\n" + get(""), 400},
      {"leading LF", "\n" + get(""), 400},
      {"NUL in the target", line("GET /ec\0ho HTTP/1.1"s), 400},
      {"NUL in a name", get("X\0Y: a\r\n"s), 400},
      {"NUL in a value", get("X: a\0b\r\n"s), 400},
      {"NUL after Content-Length", post("Content-Length: 5\0\r\n"s, "hello"), 400},
      {"vertical tab in a value", get("X: a\vb\r\n"), 400},
      {"form feed in a value", get("X: a\fb\r\n"), 400},
      {"escape in a value", get("X: a\x1b[31m\r\n"), 400},
      {"DEL in a value", get("X: a\x7f\r\n"), 400},
      {"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"SSH banner", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400},
      {"SMTP greeting", "HELO example.org\r\n\r\n", 400},
  };
}

std::vector<SmugglingShape> header_shapes() {
  return {
      {"folded with a space", get("X: a\r\n b\r\n"), 400},
      {"folded with a tab", get("X: a\r\n\tb\r\n"), 400},
      {"folded first header", "GET /echo HTTP/1.1\r\n Host: x\r\n\r\n", 400},
      {"folded Transfer-Encoding", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400},
      {"space before the colon", get("X : a\r\n"), 400},
      {"tab before the colon", get("X\t: a\r\n"), 400},
      {"space before TE's colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
      {"space before CL's colon", post("Content-Length : 5\r\n", "hello"), 400},
      {"space in a name", get("X Y: a\r\n"), 400},
      {"empty name", get(": a\r\n"), 400},
      {"no colon", get("Xa\r\n"), 400},
      {"name beyond ASCII", get("X\xc3\xa4: a\r\n"), 400},
      {"name in brackets", get("(X): a\r\n"), 400},
      {"no Host", "GET /echo HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get("Host: y\r\n"), 400},
      {"empty Host", "GET /echo HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host list", "GET /echo HTTP/1.1\r\nHost: x, y\r\n\r\n", 400},
      {"Host with a path", "GET /echo HTTP/1.1\r\nHost: x/smuggled\r\n\r\n", 400},
      {"Host with a user", "GET /echo HTTP/1.1\r\nHost: a@x\r\n\r\n", 400},
      {"two Authorizations", get("Authorization: a\r\nAuthorization: b\r\n"), 400},
      {"two Origins", get("Origin: http://a\r\norigin: http://b\r\n"), 400},
      {"two Last-Event-IDs", get("Last-Event-ID: 1\r\nLAST-EVENT-ID: 2\r\n"), 400},
      {"two Content-Types", get("Content-Type: a/b\r\nContent-Type: c/d\r\n"), 400},
      {"encoded CRLF in a value", get("X: a%0d%0aTransfer-Encoding: chunked\r\n"), 400},
      {"library's unicode escape", get("X: a%u000d%u000aY: b\r\n"), 400},
      {"method override", get("X-HTTP-Method-Override: DELETE\r\n"), 200},
      {"upgrade to h2c", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), 200},
  };
}

std::vector<SmugglingShape> framing_shapes() {
  const std::string chunked_then_hidden = "0\r\n\r\n" + kHidden;
  return {
      {"CL.TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked_then_hidden),
       400},
      {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked_then_hidden),
       400},
      {"TE alone", post("Transfer-Encoding: chunked\r\n", chunked_then_hidden), 501},
      {"TE in odd case", post("tRANSFER-eNCODING: Chunked\r\n", chunked_then_hidden), 501},
      {"TE xchunked", post("Transfer-Encoding: xchunked\r\n", chunked_then_hidden), 501},
      {"TE list", post("Transfer-Encoding: chunked, identity\r\n", chunked_then_hidden), 501},
      {"TE identity", post("Transfer-Encoding: identity\r\n", chunked_then_hidden), 501},
      {"TE twice", post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", ""), 501},
      {"TE after a vertical tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400},
      {"TE in a GET", get("Transfer-Encoding: chunked\r\n") + chunked_then_hidden, 501},
      {"TE in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunk size -2", post("Transfer-Encoding: chunked\r\n", "-2\r\nx\r\n0\r\n\r\n"), 501},
      {"CL twice, equal", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"CL twice, different", post("Content-Length: 0\r\nContent-Length: 35\r\n", kHidden), 400},
      {"CL list, equal", post("Content-Length: 5, 5\r\n", "hello"), 400},
      {"CL list, different", post("Content-Length: 5,6\r\n", "hello"), 400},
      {"CL negative", post("Content-Length: -1\r\n", "hello"), 400},
      {"CL with a plus", post("Content-Length: +5\r\n", "hello"), 400},
      {"CL hexadecimal", post("Content-Length: 0x5\r\n", "hello"), 400},
      {"CL with a space inside", post("Content-Length: 5 5\r\n", "hello"), 400},
      {"CL with a fraction", post("Content-Length: 5.0\r\n", "hello"), 400},
      {"CL with junk", post("Content-Length: 5a\r\n", "hello"), 400},
      {"CL empty", post("Content-Length:\r\n", "hello"), 400},
      {"CL of 2^64 + 5", post("Content-Length: 18446744073709551621\r\n", "hello"), 413},
      {"CL of 30 digits", post("Content-Length: 999999999999999999999999999999\r\n", ""), 413},
      {"CL in the Connection header",
       post("Connection: Content-Length\r\nContent-Length: 5\r\n", "hello" + kHidden), 200},
      {"CL with an underscore", get("Content_Length: 5\r\n") + kHidden, 200},
      {"Content-Encoding", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "\x1f\x8b"),
       415},
      {"Expect", post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"), 200},
      {"pipelined", get("") + kHidden, 200},
      {"pipelined, keep-alive", get("Connection: keep-alive\r\n") + kHidden + kHidden, 200},
      {"pipelined after HTTP/1.0", "GET /echo HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + kHidden,
       200},
      {"request in a GET's body", get("Content-Length: 35\r\n") + kHidden, 200},
      {"request after a short CL", post("Content-Length: 5\r\n", "hello" + kHidden), 200},
      {"request after CL 0", post("Content-Length: 0\r\n", kHidden), 200},
      {"request after a POST without CL", post("", kHidden), 200},
      {"request in a HEAD's body",
       "HEAD /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n" + kHidden, 200},
      {"request in a DELETE's body",
       "DELETE /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n" + kHidden, 200},
  };
}

std::vector<SmugglingShape> request_line_shapes() {
  return {
      {"absolute target", line("GET http://x/smuggled HTTP/1.1"), 400},
      {"authority target", line("CONNECT x:80 HTTP/1.1"), 501},
      {"asterisk target", line("OPTIONS * HTTP/1.1"), 400},
      {"target without a slash", line("GET echo HTTP/1.1"), 400},
      {"fragment", line("GET /echo#/smuggled HTTP/1.1"), 400},
      {"space in the target", line("GET /echo x HTTP/1.1"), 400},
      {"tabs between", line("GET\t/echo\tHTTP/1.1"), 400},
      {"tab in the target", line("GET /echo\t HTTP/1.1"), 400},
      {"two spaces", line("GET  /echo HTTP/1.1"), 400},
      {"two spaces before the version", line("GET /echo  HTTP/1.1"), 400},
      {"trailing space", line("GET /echo HTTP/1.1 "), 400},
      {"leading space", line(" GET /echo HTTP/1.1"), 400},
      {"no target", line("GET HTTP/1.1"), 400},
      {"HTTP/0.9", "GET /smuggled\r\n\r\n", 400},
      {"small method", line("get /echo HTTP/1.1"), 501},
      {"TRACE", line("TRACE /echo HTTP/1.1"), 501},
      {"method with an @", line("G@T /echo HTTP/1.1"), 400},
      {"no version", line("GET /echo "), 400},
      {"HTTP/1.2", line("GET /echo HTTP/1.2"), 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/11", line("GET /echo HTTP/11"), 400},
      {"HTTP/1.10", line("GET /echo HTTP/1.10"), 400},
      {"small http", line("GET /echo http/1.1"), 400},
      {"comma in the version", line("GET /echo HTTP/1,1"), 400},
      {"encoded CRLF in the path", line("GET /echo%0d%0aX:y HTTP/1.1"), 400},
      {"encoded NUL in the path", line("GET /echo%00 HTTP/1.1"), 400},
      {"encoded NUL in the query", line("GET /echo?a=%00 HTTP/1.1"), 400},
      {"half an escape", line("GET /echo%4 HTTP/1.1"), 400},
      {"library's unicode escape in the path", line("GET /echo%u000a HTTP/1.1"), 400},
      {"encoded slash", line("GET /x%2F..%2Fecho HTTP/1.1"), 404},
      {"dot segments", line("GET /x/../echo HTTP/1.1"), 404},
  };
}

}  // namespace ordercast::testing
