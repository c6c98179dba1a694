#include "rig/bench_database.h"

#include <cstdlib>

#include "pg/schema.h"
#include "pg/watch.h"
#include "rig/cores.h"
#include "rig/supervise.h"

namespace ordercast::bench {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE public.orders (
  id bigint PRIMARY KEY,
  merchant_id int NOT NULL DEFAULT 7,
  status text NOT NULL DEFAULT 'paid',
  total numeric(12,2) NOT NULL DEFAULT 102.40,
  note text NOT NULL
);
CREATE TABLE public.other_orders (LIKE public.orders INCLUDING ALL);
CREATE TABLE public.notified (LIKE public.orders INCLUDING ALL);
CREATE TABLE public.other_notified (LIKE public.orders INCLUDING ALL);
CREATE FUNCTION public.notify_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_TABLE_NAME, json_build_object('op', 'insert', 'key', json_build_object('id', NEW.id),
                                                  'row', NEW, 'at', clock_timestamp())::text);
  RETURN NULL;
END $$;
CREATE TRIGGER notify_row AFTER INSERT ON public.notified FOR EACH ROW EXECUTE FUNCTION public.notify_row();
CREATE TRIGGER notify_row AFTER INSERT ON public.other_notified FOR EACH ROW EXECUTE FUNCTION public.notify_row();
)sql";

}  // namespace

BenchDatabase::BenchDatabase() : dir_(scratch()) {
  const OnServerCore pinned;
  cluster_ = std::make_unique<pg::LocalCluster>(
      pg::LocalClusterOptions{.data_dir = dir_.path() / "pg",
                              .database = "bench",
                              .settings = {{"shared_buffers", "256MB"}, {"max_wal_size", "1GB"}}});
  const auto connection = connect();
  pg::migrate(*connection);
  pqxx::nontransaction(*connection).exec(kTables);
  pg::watch(*connection, "public.orders");
  pg::watch(*connection, "public.other_orders");
}

std::unique_ptr<pqxx::connection> BenchDatabase::connect() const {
  return std::make_unique<pqxx::connection>(conninfo());
}

std::string BenchDatabase::version() const {
  const auto connection = connect();
  return pqxx::nontransaction(*connection).exec("SHOW server_version")[0][0].c_str();
}

void BenchDatabase::set_environment() const {
  const auto connection = connect();
  const auto parameters =
      pqxx::nontransaction(*connection)
          .exec(
              "SELECT split_part(current_setting('unix_socket_directories'), ',', 1),"
              " current_setting('port'), current_user, current_database()");
  const char* const names[] = {"PGHOST", "PGPORT", "PGUSER", "PGDATABASE"};
  for (int i = 0; i < 4; ++i) ::setenv(names[i], parameters[0][i].c_str(), 1);
}

}  // namespace ordercast::bench
