// Parses the command line and runs one command; the only place that catches what a command throws.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <optional>

#include "app/canary.h"
#include "app/check_config.h"
#include "app/completion_command.h"
#include "app/cursor_command.h"
#include "app/demo.h"
#include "app/doctor.h"
#include "app/environment.h"
#include "app/load_command.h"
#include "app/migrate.h"
#include "app/misspelling.h"
#include "app/print_config.h"
#include "app/prune.h"
#include "app/retention.h"
#include "app/serve.h"
#include "app/simulate.h"
#include "app/status.h"
#include "app/tail_command.h"
#include "app/token_command.h"
#include "app/watch.h"

int main(int argc, char** argv) {
  using namespace ordercast::app;
  // stdout belongs to what scripts read.
  spdlog::set_default_logger(spdlog::stderr_color_mt("ordercast"));

  CLI::App app(
      "Streams the changes of PostgreSQL tables to browsers and curl, the moment they commit.",
      "ordercast");
  app.set_version_flag("--version", "ordercast " ORDERCAST_VERSION);
  app.require_subcommand(1);
  // Before the command runs, and after --help.
  app.parse_complete_callback([&app] { refuse_unknown_variables(app); });
  add_serve(app);
  add_demo(app);
  add_migrate(app);
  add_watch(app);
  add_unwatch(app);
  add_retention(app);
  add_prune(app);
  add_doctor(app);
  add_status(app);
  add_canary(app);
  add_simulate(app);
  add_cursor(app);
  add_token(app);
  add_tail(app);
  add_load(app);
  add_completion(app);
  add_man(app);
  add_check_config(app);
  add_print_config(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    const auto meant = code == 0 ? std::nullopt : nearest_word(app);
    if (meant) fmt::print(stderr, "The nearest is {}.\n", *meant);
    return code;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ordercast: {}\n", error.what());
    return 1;
  }
  return 0;
}
