#include "support/nginx.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.h"
#include "support/eventually.h"
#include "support/http_client.h"

namespace ordercast::testing {
namespace {

// Debian keeps it where only root's PATH leads.
std::string program() {
  constexpr char kDebian[] = "/usr/sbin/nginx";
  return ::access(kDebian, X_OK) == 0 ? kDebian : "nginx";
}

std::string text_of(const NginxConfiguration& it, const std::filesystem::path& dir,
                    std::uint16_t port) {
  return fmt::format(
      R"({main}
{user}
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log stderr warn;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  {http}
  server {{
    listen 127.0.0.1:{port} {listen};
    {server}
  }}
}}
)",
      fmt::arg("main", it.main), fmt::arg("user", ::geteuid() == 0 ? "user root;" : ""),
      fmt::arg("dir", dir.string()), fmt::arg("connections", it.connections),
      fmt::arg("http", it.http), fmt::arg("port", port), fmt::arg("listen", it.listen),
      fmt::arg("server", it.server));
}

}  // namespace

std::vector<std::string> nginx_command(const std::filesystem::path& dir, std::uint16_t port,
                                       const NginxConfiguration& configuration) {
  const auto file = dir / "nginx.conf";
  std::ofstream(file) << text_of(configuration, dir, port);
  return {program(), "-e", "stderr", "-p", dir, "-c", file};
}

std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "no free port");
  }
  return ntohs(address.sin_port);
}

Nginx::Nginx(const std::string& server, const std::string& http) {
  constexpr int kTries = 5;  // somebody else may be given the free port meanwhile
  for (int i = 0; i < kTries; ++i) {
    if (start(server, http)) return;
  }
  throw std::runtime_error("nginx does not start: " + errors());
}

bool Nginx::start(const std::string& server, const std::string& http) {
  port_ = free_port();
  process_.emplace(nginx_command(dir_.path(), port_, {.http = http, .server = server}));
  bool listens = false;
  const auto settled = [&] {
    try {
      RawConnection{port_};
      listens = true;
    } catch (const std::system_error&) {
      listens = false;
    }
    return listens || !process_->running();
  };
  return eventually(settled) && listens && process_->running();
}

}  // namespace ordercast::testing
