// On a managed PostgreSQL nobody is a superuser: the owner of the database does all of it.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "capture_role.h"
#include "support/node.h"

namespace ordercast {
namespace {

using namespace testing;

// A database without the schema, and the role that owns it.
class OwnedDatabase {
 public:
  OwnedDatabase() {
    db_.exec("DROP SCHEMA ordercast CASCADE; ALTER ROLE " + owner_.name() +
             " LOGIN; ALTER DATABASE " + db_.name() + " OWNER TO " + owner_.name());
  }
  // Throws, with what it said, when the command fails.
  void command(std::vector<std::string> words) {
    // The last of two equal words counts.
    words.insert(words.begin() + 1, {"--database", db_.url() + " user=" + owner_.name()});
    const auto result = run_ordercast(words);
    if (result.code != 0) throw std::runtime_error(words.front() + ": " + result.err);
  }
  void exec(const std::string& sql) { db_.exec("SET ROLE " + owner_.name() + ";" + sql); }
  std::string scalar(const std::string& sql) { return db_.scalar(sql); }

 private:
  TestDatabase db_;
  ScratchRole owner_{db_, "_owner"};
};

TEST_CASE("The owner of a database needs no superuser to install, watch, alter and remove") {
  OwnedDatabase database;
  database.command({"migrate"});
  database.exec("CREATE TABLE public.orders (id int PRIMARY KEY, shop int)");
  database.command({"watch", "public.orders", "--tenant", "shop"});
  database.exec("INSERT INTO public.orders VALUES (1, 4)");
  CHECK(database.scalar("SELECT new_row FROM ordercast.change_log WHERE op = 'i'") ==
        R"({"id":1,"shop":4})");

  // There are no event triggers for him, so he watches again.
  database.exec("ALTER TABLE public.orders ADD COLUMN note text");
  database.command({"watch", "public.orders", "--tenant", "shop"});
  database.exec("INSERT INTO public.orders VALUES (2, 4, 'new')");
  CHECK(database.scalar("SELECT new_row FROM ordercast.change_log WHERE key = '{\"id\":2}'") ==
        R"({"id":2,"shop":4,"note":"new"})");

  database.command({"unwatch", "orders"});
  CHECK(database.scalar(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'public.orders'::regclass") == "0");
  database.exec("DROP SCHEMA ordercast CASCADE; INSERT INTO public.orders VALUES (3, 4)");
  CHECK(database.scalar("SELECT count(*) FROM public.orders") == "3");
}

TEST_CASE("A superuser's ALTER TABLE is followed in the transaction that began to watch, too") {
  TestDatabase database;
  database.exec(
      "BEGIN; CREATE TABLE public.orders (id int PRIMARY KEY); SELECT ordercast.watch('orders');"
      "ALTER TABLE public.orders ADD COLUMN note text; INSERT INTO orders VALUES (1, 'new'); "
      "COMMIT");
  CHECK(database.scalar("SELECT new_row FROM ordercast.change_log WHERE op = 'i'") ==
        R"({"id":1,"note":"new"})");
}

}  // namespace
}  // namespace ordercast
