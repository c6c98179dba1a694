#include "support/node.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <pqxx/pqxx>
#include <stdexcept>
#include <utility>

#include "support/eventually.h"

namespace ordercast::testing {
namespace {

constexpr std::string_view kDatabase = "database: ";
constexpr std::string_view kListening = "listening on ";
// A private PostgreSQL may have to be made first.
constexpr auto kStart = 3 * kPatience;

std::vector<std::string> joined(std::vector<std::string> first, std::vector<std::string> more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace

ServedNode::ServedNode(std::vector<std::string> command, const TestProcessOptions& options)
    : process_(TestProcess::ordercast(joined(std::move(command), {"--listen", "127.0.0.1:0"}),
                                      options)) {
  while (url_.empty()) {
    const auto line = process_.read_line(kStart);
    if (!line) {
      throw std::runtime_error("ordercast ended before it listened: " + process_.stderr_text());
    }
    if (line->starts_with(kDatabase)) conninfo_ = line->substr(kDatabase.size());
    if (line->starts_with(kListening)) url_ = line->substr(kListening.size());
  }
  const char* digits = url_.data() + url_.rfind(':') + 1;
  std::from_chars(digits, url_.data() + url_.size(), port_);
}

ServedNode::ServedNode(const TestDatabase& database, std::vector<std::string> more)
    : ServedNode(joined({"serve", "--database", database.url()}, std::move(more))) {
  wait_until_ready();
}

ServedNode::~ServedNode() {
  if (std::uncaught_exceptions() <= exceptions_) return;
  fmt::print(stderr, "the node {} wrote:\n{}\n", url_, process_.stderr_text());
}

HttpResponse ServedNode::get(std::string_view path) const {
  return fetch(port_, "GET", path);
}

bool ServedNode::ready() const {
  return get("/readyz").status == 200;
}

void ServedNode::wait_until_ready() {
  if (eventually([this] { return ready(); })) return;
  throw std::runtime_error("ordercast is not ready; its stderr: " + process_.stderr_text());
}

ExitStatus ServedNode::stop(int signal) {
  process_.signal(signal);
  return process_.wait();
}

std::vector<pid_t> server_processes(const std::string& conninfo) {
  pqxx::connection connection(conninfo);
  pqxx::nontransaction sql(connection);
  std::vector<pid_t> processes;
  for (const auto& row :
       sql.exec("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int UNION ALL"
                "(SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid())")) {
    processes.push_back(row[0].as<pid_t>());
  }
  return processes;
}

CommandResult run_ordercast(std::vector<std::string> arguments, const TestProcessOptions& options) {
  auto process = TestProcess::ordercast(std::move(arguments), options);
  CommandResult result;
  result.out = process.read_rest();
  result.code = process.wait().code;
  result.err = process.stderr_text();
  return result;
}

}  // namespace ordercast::testing
