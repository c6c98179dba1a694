#include "http/request_target.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "http/percent.h"

namespace ordercast::http {
namespace {

constexpr Refusal kBadForm{400, "bad_target",
                           "The request target must be a path that begins with a slash, without a "
                           "fragment. Proxies must forward requests in origin form."};
constexpr Refusal kBadPath{400, "bad_path",
                           "The path is not valid: percent escapes need two hexadecimal digits, "
                           "and must decode to UTF-8 without control characters."};
constexpr Refusal kBadQuery{400, "bad_query",
                            "The query is not valid: percent escapes need two hexadecimal digits, "
                            "and must decode to UTF-8 without NUL. Write a percent sign as %25."};

// Calls `take` with each part of `text` between separators; stops when it returns false.
template <typename Take>
bool for_each_part(std::string_view text, char separator, Take take) {
  for (;;) {
    const auto end = text.find(separator);
    if (!take(text.substr(0, end))) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> decode_segment(std::string_view raw) {
  auto decoded = percent_decode(raw, Plus::kLiteral);
  if (!decoded || !is_utf8(*decoded)) return std::nullopt;
  if (std::any_of(decoded->begin(), decoded->end(), is_control)) return std::nullopt;
  return decoded;
}

std::optional<std::string> decode_query_text(std::string_view raw) {
  auto decoded = percent_decode(raw, Plus::kSpace);
  if (!decoded || !is_utf8(*decoded) || decoded->find('\0') != decoded->npos) return std::nullopt;
  return decoded;
}

bool add_param(std::string_view raw, std::vector<Parameter>& params) {
  if (raw.empty()) return true;
  const auto equals = raw.find('=');
  auto name = decode_query_text(raw.substr(0, equals));
  auto value = equals == raw.npos ? std::string() : decode_query_text(raw.substr(equals + 1));
  if (!name || !value) return false;
  params.push_back({std::move(*name), std::move(*value)});
  return true;
}

}  // namespace

std::variant<RequestTarget, Refusal> parse_request_target(std::string_view raw) {
  if (!raw.starts_with('/') || raw.find('#') != raw.npos) return kBadForm;
  const auto question = raw.find('?');
  const auto raw_path = raw.substr(0, question);

  RequestTarget target;
  const bool path_ok = for_each_part(raw_path.substr(1), '/', [&](std::string_view part) {
    auto segment = decode_segment(part);
    if (!segment) return false;
    target.path += "/" + *segment;
    target.segments.push_back(std::move(*segment));
    return true;
  });
  if (!path_ok) return kBadPath;

  if (question != raw.npos) {
    const bool query_ok = for_each_part(raw.substr(question + 1), '&', [&](std::string_view part) {
      return add_param(part, target.params);
    });
    if (!query_ok) return kBadQuery;
  }
  return target;
}

}  // namespace ordercast::http
