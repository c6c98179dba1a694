#include "http/header_rules.h"

#include <algorithm>

#include "http/percent.h"

namespace ordercast::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_character(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         kMarks.find(c) != kMarks.npos;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool same_header_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool valid_headers(const std::vector<Header>& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const Header& header) {
    return is_token(header.name) &&
           std::none_of(header.value.begin(), header.value.end(), is_control);
  });
}

const std::vector<Header>& security_headers() {
  static const std::vector<Header> headers = {{"X-Content-Type-Options", "nosniff"},
                                              {"Referrer-Policy", "no-referrer"}};
  return headers;
}

}  // namespace ordercast::http
