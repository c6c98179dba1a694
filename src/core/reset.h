// Why a stream cannot be joined to what its client has, in words (docs/protocol.md, "Reset"). Pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include "core/change.h"

namespace ordercast {

// The reason that a change is. Only where is_reset(op).
[[nodiscard]] std::string_view reset_reason(Op op);

// The data of the event: {"reason","message"}, the message a sentence for a person: what happened
// and what the client does. `cause` is the change that the log holds for it, which adds
// {"at","seq"}. Throws std::logic_error when `reason` is no word of the protocol.
[[nodiscard]] std::string reset_data(std::string_view reason, const Change* cause = nullptr);

}  // namespace ordercast
