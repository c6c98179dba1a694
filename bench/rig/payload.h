// The event that all systems are given: an order of about 300 bytes as it goes over the wire, as a
// row's JSON, and as the data that Ordercast makes of it. Free functions.
#pragma once

#include <string>

#include "load/stamp.h"

namespace ordercast::bench {

// The column `note`: the stamp, and as much text as makes the event 300 bytes.
[[nodiscard]] std::string note(const load::Stamp& stamp);
// {"id":"1","merchant_id":1,…}
[[nodiscard]] std::string row_json(const load::Stamp& stamp);
// {"op":"insert","key":{…},"row":{…},"at":"…","seq":1}
[[nodiscard]] std::string event_data(const load::Stamp& stamp);

}  // namespace ordercast::bench
