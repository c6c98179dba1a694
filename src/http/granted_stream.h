// A stream as a grant shows it: a column that it does not name is none of the stream's, a row that
// it does not reach is not there. What a request may name is read by `info`, what it may see is in
// `scope` and `columns`. A value.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/grant.h"
#include "core/row_scope.h"
#include "core/selection.h"
#include "core/stream_info.h"
#include "http/response.h"

namespace ordercast::http {

struct GrantedStream {
  StreamInfo info;  // with the columns that the grant names, and the key's
  RowScope scope = {};
  Selection columns = {};  // those of `info`, unless the grant names none

  // A row as it may be sent.
  [[nodiscard]] std::string shown(const std::string& row) const;
};

// Whether it is to be heard of at all. Not, with a tenant, when it does not say whose rows it has.
[[nodiscard]] bool lists(const Grant& grant, const StreamInfo& stream);

// Or the answer: 404 when the grant does not name the stream; 403 when it is of one tenant and the
// stream cannot be divided, or when its filter is none for this stream, which is logged.
[[nodiscard]] std::variant<GrantedStream, Response> grant_stream(const Grant& grant,
                                                                 const std::string& name,
                                                                 const Catalog& catalog);

}  // namespace ordercast::http
