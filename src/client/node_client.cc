#include "client/node_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace ordercast::client {
namespace {

// Of an answer that is no stream. The list of a thousand streams takes less.
constexpr std::size_t kMostBytes = 16 << 20;
constexpr int kOk = 200;

constexpr std::string_view kSchemes[] = {"http://", "https://"};

std::invalid_argument not_a_url(std::string_view url) {
  return std::invalid_argument(fmt::format(
      "'{}' is not the URL of a node, which is for example http://127.0.0.1:8080", url));
}

// libcurl knows more schemes, and takes passwords in a URL, which would end in logs.
std::size_t end_of_origin(std::string_view url) {
  for (const auto scheme : kSchemes) {
    if (!url.starts_with(scheme)) continue;
    const auto end = std::min(url.find_first_of("/?#", scheme.size()), url.size());
    const auto host = url.substr(scheme.size(), end - scheme.size());
    if (!host.empty() && host.find_first_of("@ \t\r\n") == host.npos) return end;
  }
  throw not_a_url(url);
}

}  // namespace

NodeClient::NodeClient(Options options)
    : options_(std::move(options)),
      origin_(options_.url.substr(0, end_of_origin(options_.url))),
      base_(options_.url) {
  while (base_.ends_with('/')) base_.pop_back();
  try {
    const Transfer never_begun(request("/"));
  } catch (const std::invalid_argument&) {
    throw not_a_url(options_.url);  // a port that is no number of 16 bits, say
  }
}

NodeClient::Answer NodeClient::get(const std::string& path) const {
  return whole_answer(request(path));
}

NodeClient::Answer NodeClient::post(const std::string& path, const std::string& json) const {
  auto wanted = request(path);
  wanted.headers.emplace_back("Content-Type: application/json");
  wanted.body = json;
  return whole_answer(wanted);
}

NodeClient::Answer NodeClient::stream(const std::string& path, const Take& take) const {
  Transfer transfer(request(path));
  std::string body;
  for (bool more = true; more && body.size() <= kMostBytes;) {
    more = receive(transfer, body);
    if (transfer.status() != kOk) continue;
    if (!body.empty() && !take(body)) return {kOk, {}};
    body.clear();
  }
  if (transfer.status() != kOk) return {transfer.status(), std::move(body)};
  throw NodeUnreachable(fmt::format("{} has ended the stream", origin_));
}

TransferRequest NodeClient::request(const std::string& path) const {
  TransferRequest request{.url = base_ + path, .headers = {}, .ca_file = {}, .body = {}};
  if (!options_.token.empty()) {
    request.headers.push_back("Authorization: Bearer " + options_.token);
  }
  return request;
}

NodeClient::Answer NodeClient::whole_answer(const TransferRequest& request) const {
  Transfer transfer(request);
  Answer answer;
  while (receive(transfer, answer.body)) {
    if (answer.body.size() > kMostBytes) {
      throw NodeUnreachable(fmt::format("{} answers without an end", origin_));
    }
  }
  answer.status = transfer.status();
  return answer;
}

bool NodeClient::receive(Transfer& transfer, std::string& body) const {
  const auto limit = std::chrono::steady_clock::now() + options_.patience;
  const auto before = body.size();
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      throw NodeUnreachable(fmt::format("{} does not answer: nothing came for {} s", origin_,
                                        options_.patience.count() / 1000.0));
    }
    switch (transfer.receive(body, -1, left)) {
      case Transfer::State::kOpen:
        if (body.size() > before) return true;
        break;
      case Transfer::State::kEnded:
        return false;
      case Transfer::State::kCut:
        throw NodeUnreachable(fmt::format("{} does not answer ({})", origin_, transfer.problem()));
    }
  }
}

std::string explanation(const NodeClient::Answer& answer) {
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (body.is_object() && body.contains("detail") && body["detail"].is_string()) {
    return body["detail"].get<std::string>();
  }
  return fmt::format("answered with status {}", answer.status);
}

}  // namespace ordercast::client
