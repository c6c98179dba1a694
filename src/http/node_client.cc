#include "http/node_client.h"

#include <fmt/format.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace ordercast::http {
namespace {

// Of an answer that is no stream. The list of a thousand streams takes less.
constexpr std::size_t kMostBytes = 16 << 20;
constexpr int kOk = 200;

constexpr std::string_view kSchemes[] = {"http://", "https://"};

std::invalid_argument not_a_url(std::string_view url) {
  return std::invalid_argument(fmt::format(
      "'{}' is not the URL of a node, which is for example http://127.0.0.1:8080", url));
}

std::size_t end_of_origin(std::string_view url) {
  for (const auto scheme : kSchemes) {
    if (!url.starts_with(scheme)) continue;
    const auto end = std::min(url.find_first_of("/?#", scheme.size()), url.size());
    const auto host = url.substr(scheme.size(), end - scheme.size());
    if (!host.empty() && host.find_first_of("@ \t\r\n") == host.npos) return end;
  }
  throw not_a_url(url);
}

httplib::Headers headers(const std::string& token) {
  httplib::Headers all;
  if (!token.empty()) all.emplace("Authorization", "Bearer " + token);
  return all;
}

void set_up(httplib::Client& client, std::chrono::milliseconds patience) {
  client.set_connection_timeout(patience);
  client.set_read_timeout(patience);
  client.set_write_timeout(patience);
}

NodeUnreachable no_answer(const std::string& origin, httplib::Error error) {
  return NodeUnreachable(fmt::format("{} does not answer ({})", origin, httplib::to_string(error)));
}

}  // namespace

NodeClient::NodeClient(Options options) : options_(std::move(options)) {
  const auto end = end_of_origin(options_.url);
  origin_ = options_.url.substr(0, end);
  prefix_ = options_.url.substr(end);
  while (prefix_.ends_with('/')) prefix_.pop_back();
  // A port that is no number of 16 bits is found out only here.
  bool valid = false;
  try {
    valid = httplib::Client(origin_).is_valid();
  } catch (const std::exception&) {
  }
  if (!valid) throw not_a_url(options_.url);
}

NodeClient::Answer NodeClient::get(const std::string& path) const {
  std::string body;
  bool too_large = false;
  auto answer = read(
      path,
      [&](std::string_view piece) {
        body += piece;
        return body.size() <= kMostBytes;
      },
      too_large);
  if (too_large) throw NodeUnreachable(fmt::format("{} answers without an end", origin_));
  if (answer.status == kOk) answer.body = std::move(body);
  return answer;
}

NodeClient::Answer NodeClient::post(const std::string& path, const std::string& json) const {
  httplib::Client client(origin_);
  set_up(client, options_.patience);
  const auto result =
      client.Post((prefix_ + path).c_str(), headers(options_.token), json, "application/json");
  if (!result) throw no_answer(origin_, result.error());
  return {result->status, result->body};
}

NodeClient::Answer NodeClient::stream(const std::string& path, const Take& take) const {
  bool enough = false;
  auto answer = read(path, take, enough);
  if (answer.status == kOk && !enough) {
    throw NodeUnreachable(fmt::format("{} has ended the stream", origin_));
  }
  return answer;
}

NodeClient::Answer NodeClient::read(const std::string& path, const Take& take, bool& enough) const {
  httplib::Client client(origin_);
  set_up(client, options_.patience);
  Answer answer;
  const auto result = client.Get((prefix_ + path).c_str(), headers(options_.token),
                                 [&](const httplib::Response& head) {
                                   answer.status = head.status;
                                   return true;
                                 },
                                 [&](const char* data, std::size_t size) {
                                   if (answer.status == kOk) return !(enough = !take({data, size}));
                                   answer.body.append(data, size);
                                   return answer.body.size() <= kMostBytes;
                                 });
  // The library calls it an error when it was told to stop.
  if (!result && !enough) throw no_answer(origin_, result.error());
  return answer;
}

std::string explanation(const NodeClient::Answer& answer) {
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (body.is_object() && body.contains("detail") && body["detail"].is_string()) {
    return body["detail"].get<std::string>();
  }
  return fmt::format("answered with status {}", answer.status);
}

}  // namespace ordercast::http
