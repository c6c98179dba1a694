#include "app/completion.h"

namespace ordercast::app {

ValueKind value_kind(const OptionInfo& option) {
  if (option.value.empty()) return ValueKind::kNone;
  if (!option.choices.empty()) return ValueKind::kChoice;
  if (option.value == "FILE") return ValueKind::kFile;
  if (option.value == "DIR") return ValueKind::kFolder;
  return ValueKind::kOther;
}

}  // namespace ordercast::app
