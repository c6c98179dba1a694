#include "pg/conninfo.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace ordercast::pg {
namespace {

constexpr std::array<std::string_view, 2> kSchemes = {"postgresql://", "postgres://"};

// Where the parameters of a URL begin, as libpq finds it: a '?' before the first '@' or '/' belongs
// to the password.
std::size_t query_start(std::string_view url, std::size_t authority) {
  const auto designator = url.find_first_of("@/", authority);
  const bool credentials = designator != url.npos && url[designator] == '@';
  return url.find('?', credentials ? designator : authority);
}

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
using Settings = std::map<std::string, std::string>;

void take(const Options& options, Settings& settings) {
  for (const auto* option = options.get(); option && option->keyword; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
}

bool is_of_this_machine(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host == "::1" || host.starts_with("127.");
}

// An '@' or a '/' that stands bare in a password of a URL makes libpq take a part of it for these.
bool may_be_part_of_password(std::string_view keyword, std::string_view value) {
  if (keyword == "port") return value.find_first_not_of("0123456789,") != value.npos;
  return (keyword == "host" || keyword == "dbname") && value.find('@') != value.npos;
}

// As libpq reads it: PostgreSQL documentation, 34.1.1.1.
std::string quoted(std::string_view value) {
  if (!value.empty() && value.find_first_of(" \t\n'\\") == value.npos) return std::string(value);
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + '\'';
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& defaults,
                   char separator) {
  std::string text;
  for (const auto& [name, value] : defaults) {
    if (!text.empty()) text += separator;
    text += name + '=' + value;
  }
  return text;
}

}  // namespace

std::string with_defaults(std::string_view conninfo,
                          const std::vector<std::pair<std::string, std::string>>& defaults) {
  for (const auto scheme : kSchemes) {
    if (!conninfo.starts_with(scheme)) continue;
    const auto query = query_start(conninfo, scheme.size());
    const auto base = conninfo.substr(0, query);
    std::string result = std::string(base) + '?' + joined(defaults, '&');
    if (query != conninfo.npos && query + 1 < conninfo.size()) {
      result += '&';
      result += conninfo.substr(query + 1);
    }
    return result;
  }
  return joined(defaults, ' ') + ' ' + std::string(conninfo);
}

std::optional<std::string> insecure_host(const std::string& conninfo) {
  Settings settings;
  take(Options(PQconndefaults(), PQconninfoFree), settings);
  const Options given(PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
  if (!given) return std::nullopt;
  take(given, settings);
  if (settings["sslmode"] == "verify-full") return std::nullopt;
  // hostaddr is where it leads to; host is then only a name (PostgreSQL documentation, 34.1.2).
  std::string hosts = settings["hostaddr"].empty() ? settings["host"] : settings["hostaddr"];
  for (std::size_t begin = 0; begin <= hosts.size();) {
    const auto end = std::min(hosts.find(',', begin), hosts.size());
    auto host = hosts.substr(begin, end - begin);
    if (!is_of_this_machine(host)) return host;
    begin = end + 1;
  }
  return std::nullopt;
}

std::string without_secrets(const std::string& conninfo) {
  constexpr const char* kNotShown = "(not shown)";
  const Options options(PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
  if (!options) return kNotShown;
  std::string text;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (may_be_part_of_password(option->keyword, option->val)) return kNotShown;
    // libpq's own mark of a field that is not to be shown as it is typed.
    const bool secret = std::string_view(option->dispchar) == "*";
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", option->keyword,
                        secret ? "***" : quoted(option->val));
  }
  return text;
}

std::string safe_error(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  // What libpq says once it has understood the string; all that it says before may quote it.
  if (message.starts_with("connection to server ")) return std::string(message);
  if (message.starts_with("could not translate host name ") && message.find('@') == message.npos) {
    return std::string(message);
  }
  return "the connection string is not usable: libpq does not understand it (not shown, it may "
         "hold a "
         "password; in a URL, characters such as @ / : ? # % in a password are written as %40 %2F "
         "%3A %3F %23 "
         "%25)";
}

}  // namespace ordercast::pg
