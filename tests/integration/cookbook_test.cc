// What README.md and docs/ show of curl is taken by the demo, as they say.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/http_client.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;

// Of the demo, whatever name its host has.
constexpr std::string_view kPort = ":8080";

// The words of a line of sh, as far as the documentation goes: '…' and "…", no expansions.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : line) {
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? 0 : c;
      any = true;
    } else if (quote == 0 && c == ' ') {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

struct Request {
  std::string line;  // as it is in the document
  std::string method = "GET";
  std::string target = {};
  std::string body = {};
  std::vector<http::Header> headers = {};
};

// A curl of the demo that `line` shows; without a target when it shows none.
Request request_of(const std::string& line) {
  Request request{.line = line};
  const auto words = words_of(line);
  const auto curl = std::find(words.begin(), words.end(), "curl");
  for (auto word = curl; word != words.end() && *word != "|" && *word != "&"; ++word) {
    const auto value = [&] { return word + 1 == words.end() ? std::string() : *++word; };
    if (*word == "-X") {
      request.method = value();
    } else if (*word == "-H") {
      const auto header = value();
      const auto colon = header.find(": ");
      if (colon != header.npos) {
        request.headers.push_back({header.substr(0, colon), header.substr(colon + 2)});
      }
    } else if (*word == "--json") {
      request.body = value();
      if (request.method == "GET") request.method = "POST";
      request.headers.push_back({"Content-Type", "application/json"});
    } else if (const auto port = word->find(kPort); port != word->npos) {
      request.target = word->substr(port + kPort.size());
    }
  }
  return request;
}

// Those of a document, with what must be answered to each.
std::vector<std::pair<Request, std::vector<int>>> requests_of(const std::string& document) {
  std::ifstream file(std::string(ORDERCAST_SOURCE_DIR) + "/" + document);
  REQUIRE(file.is_open());
  std::vector<std::pair<Request, std::vector<int>>> requests;
  for (std::string line; std::getline(file, line);) {
    auto request = request_of(line);
    if (!request.target.starts_with("/v1/")) {
      // Of a GET that is shown for its error, that is.
      const bool shows_fault = line.find("\"status\":400") != line.npos;
      if (shows_fault && !requests.empty() && requests.back().first.method == "GET") {
        requests.back().second = {400};
      }
      continue;
    }
    // The orders and changes of another day's demo are not there, or are others.
    std::vector<int> ok{200};
    if (request.method == "POST") ok = {201};
    if (request.method == "PATCH") ok = {200, 404, 409, 412};
    if (request.target.find("/explain?") != std::string::npos) ok = {200, 404};
    requests.emplace_back(std::move(request), std::move(ok));
  }
  return requests;
}

// The status, without waiting for the end of a stream.
int status_of(const ServedNode& node, const Request& request) {
  RawConnection connection(node.port());
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method, request.target);
  for (const auto& [name, value] : request.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty()) head += fmt::format("Content-Length: {}\r\n", request.body.size());
  connection.send(head + "\r\n" + request.body);
  const auto answer = connection.read_until("\r\n\r\n");
  return std::stoi(answer.substr(answer.find(' ') + 1, 3));
}

TEST_CASE("Each curl that the documentation shows is answered by the demo as it says") {
  const TempDir temporary;
  ServedNode node({"demo", "--rate", "1"}, {.environment = {{"TMPDIR", temporary.path()}}});
  node.wait_until_ready();
  for (const auto* document : {"README.md", "docs/cookbook.md", "docs/protocol.md"}) {
    std::size_t count = 0;
    for (const auto& [request, expected] : requests_of(document)) {
      INFO(document << ": " << request.line);
      CHECK_THAT(expected, Catch::VectorContains(status_of(node, request)));
      ++count;
    }
    // A document that is written otherwise must not go unread.
    CHECK(count >= 3);
  }
}

}  // namespace
}  // namespace ordercast
