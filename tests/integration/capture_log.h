// What the triggers wrote, for the capture tests: the change log of one stream as text, and folded
// into rows as a client folds it. Stateless functions; the TestDatabase's session reads.
#pragma once

#include <map>
#include <pqxx/pqxx>
#include <string>

#include "support/test_database.h"

namespace ordercast::testing {

// Key to row, both JSON text.
using Rows = std::map<std::string, std::string>;

struct LoggedChange {
  char op;
  std::string key;
  std::string old_row;  // empty: NULL
  std::string new_row;
};

// The changes of a stream, 'c' left out, by seq: with one session writing that is the order of the
// commits, too.
[[nodiscard]] inline std::vector<LoggedChange> logged(TestDatabase& db, const std::string& stream) {
  std::vector<LoggedChange> changes;
  for (const auto& row :
       db.exec("SELECT op, coalesce(key, ''), coalesce(old_row, ''), coalesce(new_row, '') "
               "FROM ordercast.change_log WHERE op <> 'c' AND stream = '" +
               stream + "' ORDER BY seq")) {
    changes.push_back({row[0].c_str()[0], row[1].c_str(), row[2].c_str(), row[3].c_str()});
  }
  return changes;
}

// Runs `sql` and returns what it logged for the stream: a line "op key old_row new_row" for each
// change, "-" where there is none.
[[nodiscard]] inline std::string changes_of(TestDatabase& db, const std::string& stream,
                                            const std::string& sql) {
  const auto before = logged(db, stream).size();
  db.exec(sql);
  std::string lines;
  const auto text_of = [](const std::string& text) { return text.empty() ? "-" : text; };
  const auto all = logged(db, stream);
  for (auto i = before; i < all.size(); ++i) {
    lines += std::string(1, all[i].op) + ' ' + text_of(all[i].key) + ' ' + text_of(all[i].old_row) +
             ' ' + text_of(all[i].new_row) + '\n';
  }
  return lines;
}

[[nodiscard]] inline Rows present_rows(TestDatabase& db, const std::string& stream) {
  Rows rows;
  for (const auto& row : db.present_rows(stream)) {
    rows.emplace(row[0].c_str(), row[1].c_str());
  }
  return rows;
}

[[nodiscard]] inline bool every_row(const std::string&) {
  return true;
}

// What a client holds that was told of the whole log through a filter: a change is an insert or
// update to it when the new row passes, a delete when only the old one does, else it is not told.
template <typename Filter>
[[nodiscard]] Rows folded(TestDatabase& db, const std::string& stream, Filter passes) {
  Rows rows;
  for (const auto& change : logged(db, stream)) {
    if (change.op == 't' || change.op == 'r') {
      rows.clear();
    } else if (!change.new_row.empty() && passes(change.new_row)) {
      rows[change.key] = change.new_row;
    } else if (!change.old_row.empty() && passes(change.old_row)) {
      rows.erase(change.key);
    }
  }
  return rows;
}

[[nodiscard]] inline Rows folded(TestDatabase& db, const std::string& stream) {
  return folded(db, stream, every_row);
}

}  // namespace ordercast::testing
