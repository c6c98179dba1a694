#include "rig/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "rig/progress.h"
#include "rig/supervise.h"

namespace ordercast::bench {

int run_program(CLI::App& app, int argc, const char* const* argv,
                const std::function<int()>& body) {
  CLI11_PARSE(app, argc, argv);
  return supervise([&] {
    try {
      return body();
    } catch (const std::exception& error) {
      progress_end();
      fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
      return EXIT_FAILURE;
    }
  });
}

}  // namespace ordercast::bench
