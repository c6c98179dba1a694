// A message of one's own, put into a stream by ordercast.publish() (sql/0016_tenant_requests.sql).
// Confined to the connection's thread.
#pragma once

#include <functional>
#include <pqxx/pqxx>
#include <string>

namespace ordercast::pg {

// `data` is JSON. `committing` is called when all is done but the commit. Throws Refused.
void publish(pqxx::connection& connection, const std::string& stream, const std::string& event,
             const std::string& data, const std::function<void()>& committing);

}  // namespace ordercast::pg
