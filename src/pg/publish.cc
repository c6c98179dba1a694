#include "pg/publish.h"

#include "pg/persistence.h"

namespace ordercast::pg {

void publish(pqxx::connection& connection, const std::string& stream, const std::string& event,
             const std::string& data, const std::function<void()>& committing) {
  try {
    pqxx::work work(connection);
    work.exec_params("SELECT ordercast.publish($1, $2, $3::jsonb)", stream, event, data);
    committing();
    work.commit();
  } catch (const pqxx::sql_error& problem) {
    throw Refused(problem.what());
  }
}

}  // namespace ordercast::pg
