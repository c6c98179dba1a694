// ordercast(1), in the man macros (groff_man(7)), from the description of the command line. Pure.
#pragma once

#include <string>
#include <string_view>

#include "app/command_tree.h"

namespace ordercast::app {

[[nodiscard]] std::string man_page(const CommandInfo& program, std::string_view version);

}  // namespace ordercast::app
