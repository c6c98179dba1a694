#include "core/tenant.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/filter_value.h"

namespace ordercast {

Tenant Tenant::of(const StreamInfo& stream, std::string_view value) {
  const auto column = std::find_if(stream.columns.begin(), stream.columns.end(),
                                   [&](const Column& each) { return each.name == stream.tenant; });
  if (stream.tenant.empty() || column == stream.columns.end()) {
    throw NotDivided(
        fmt::format("the stream '{0}' does not say whose rows it has, and your token is of one "
                    "tenant: watch its table with a tenant column (ordercast watch {1} --tenant …)",
                    stream.name, stream.table));
  }
  const FilterType type(*column);
  const auto refusal = [&](std::string_view why) {
    return NotDivided(
        fmt::format("the tenant of your token is no value of the column '{}' ({}): {}",
                    column->name, column->type, why));
  };
  if (!type.comparable()) throw refusal("its type cannot say whose row it is");
  try {
    const auto operand = type.parse(value);
    const auto token = type.only_token(operand);
    if (!token) throw refusal("its type cannot say whose row it is");
    if (operand.text != value) throw refusal(fmt::format("PostgreSQL writes {}", operand.text));
    return {column->name, operand.text, *token, stream.tenant_since};
  } catch (const BadValue& error) {
    throw refusal(fmt::format("it takes {}", error.what()));
  }
}

}  // namespace ordercast
