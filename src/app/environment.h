// The environment as configuration: a variable ORDERCAST_… that no option is set by is a mistake,
// as an unknown key of the file is. Free functions; confined to the main thread.
//
// Not mistakes: variables that are empty; those that are read by other means (ORDERCAST_TOKEN,
// ORDERCAST_POSTGRES_BIN); ORDERCAST_BINARY and ORDERCAST_TEST_…, which are for our tests; and what
// Kubernetes tells each container of a namespace about its Services, when one of these is called
// ordercast
// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables):
// ORDERCAST_SERVICE_HOST, ORDERCAST_PORT=tcp://… and so on.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ordercast::app {

// Of an environment as environ(7) has it, ended by a null: a line for each mistake, with the
// nearest of the `known` names. Values are not shown.
[[nodiscard]] std::vector<std::string> environment_problems(const char* const* environment,
                                                            const std::vector<std::string>& known);

// Of the process's own, when the verb that was given has options that are set by the environment.
// `app`: the whole program, parsed. Throws ConfigError.
void refuse_unknown_variables(const CLI::App& app);

}  // namespace ordercast::app
