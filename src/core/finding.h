// One thing that a check-up looked at (`ordercast doctor`): how it is, and how to mend it. A value.
#pragma once

#include <cstdint>
#include <string>

namespace ordercast {

enum class Severity : std::uint8_t {
  kOk,
  kWarning,  // works, but not as well as it should; or could not be found out
  kError,    // streams are not served, or not all changes reach them
};

struct Finding {
  Severity severity = Severity::kOk;
  std::string says;
  std::string mend = {};   // what to do; empty where nothing is to be done
  std::string check = {};  // which check it is of, for scripts
};

inline Finding fine(std::string says) {
  return {Severity::kOk, std::move(says)};
}
inline Finding warning(std::string says, std::string mend) {
  return {Severity::kWarning, std::move(says), std::move(mend)};
}
inline Finding error(std::string says, std::string mend) {
  return {Severity::kError, std::move(says), std::move(mend)};
}

}  // namespace ordercast
