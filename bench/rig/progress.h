// What a benchmark is doing now, on stderr: one line that is written over on a terminal, a line
// every 5 s elsewhere. stdout belongs to the results. Confined to one thread.
#pragma once

#include <string>

namespace ordercast::bench {

void progress(const std::string& text);
// Takes the line away.
void progress_end();

}  // namespace ordercast::bench
