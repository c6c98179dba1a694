// The SQL that reads on in a batch, page by page: all that is new to a position up to a snapshot,
// its target (Position::InBatch). However much that is, and however much else was logged meanwhile,
// no statement takes longer than a server may. Not thread-safe; libpqxx errors pass through.
#pragma once

#include <functional>
#include <pqxx/pqxx>

#include "core/position.h"
#include "pg/log_page.h"

namespace ordercast::pg {

// Called after each of several statements.
using Answered = std::function<void()>;

// Once on a new connection, before the others.
void prepare_batch_queries(pqxx::connection& connection);

// Whether all that is unseen now is so much that finding and sorting it at once takes long.
[[nodiscard]] bool is_large(pqxx::nontransaction& query, const Snapshot& seen);
// Where the batch begins in which that is read up to `target`. Throws HistoryLost.
[[nodiscard]] Position::InBatch begin_batch(pqxx::nontransaction& query, const Snapshot& seen,
                                            const Snapshot& target);
// The next page of what is left of it. Throws HistoryLost.
[[nodiscard]] Found find_rest(pqxx::nontransaction& query, const Snapshot& seen,
                              const Position::InBatch& batch, const Answered& answered);

}  // namespace ordercast::pg
