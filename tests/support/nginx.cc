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

// nginx knows no port 0.
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

// Debian keeps it where only root's PATH leads.
std::string program() {
  constexpr char kDebian[] = "/usr/sbin/nginx";
  return ::access(kDebian, X_OK) == 0 ? kDebian : "nginx";
}

std::string configuration(const std::string& dir, std::uint16_t port, const std::string& server,
                          const std::string& http) {
  return fmt::format(
      R"({user}
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1000; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  {http}
  server {{
    listen 127.0.0.1:{port};
    {server}
  }}
}}
)",
      fmt::arg("user", ::geteuid() == 0 ? "user root;" : ""), fmt::arg("dir", dir),
      fmt::arg("port", port), fmt::arg("server", server), fmt::arg("http", http));
}

}  // namespace

Nginx::Nginx(const std::string& server, const std::string& http) {
  constexpr int kTries = 5;  // somebody else may be given the free port meanwhile
  for (int i = 0; i < kTries; ++i) {
    if (start(server, http)) return;
  }
  throw std::runtime_error("nginx does not start: " + errors());
}

bool Nginx::start(const std::string& server, const std::string& http) {
  port_ = free_port();
  const auto file = dir_.path() / "nginx.conf";
  std::ofstream(file) << configuration(dir_.path(), port_, server, http);
  process_.emplace(
      std::vector<std::string>{program(), "-e", "stderr", "-p", dir_.path(), "-c", file});
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
