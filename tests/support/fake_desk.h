// A desk that answers what it is told to, and keeps what it was asked. For one thread at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/desk.h"
#include "core/history_reader.h"

namespace ordercast::testing {

struct FakeDesk : Desk {
  // What it was asked last.
  std::string stream;
  std::vector<std::string> key;
  std::optional<std::vector<std::string>> tags;
  std::string text;  // the columns, or the data
  std::string event;
  RowScope scope;
  std::optional<std::string> tenant;  // of a message
  int asked = 0;

  // What it answers; `fault` is called first, to throw.
  std::function<void()> fault = [] {};
  std::optional<DeskRow> found;
  WriteResult result = RowMissing{};
  std::variant<std::int64_t, DatabaseRefusal> published = std::int64_t{1};

  std::optional<DeskRow> find(const Epoch&, std::string_view of,
                              const std::vector<std::string>& with,
                              const RowScope& within) override {
    scope = within;
    note(of, with, std::nullopt, {});
    return found;
  }
  WriteResult insert(const Epoch&, std::string_view of, std::string_view columns,
                     const RowScope& within) override {
    scope = within;
    note(of, {}, std::nullopt, columns);
    return result;
  }
  WriteResult update(const Epoch&, std::string_view of, const std::vector<std::string>& with,
                     const std::optional<std::vector<std::string>>& expected,
                     std::string_view columns, const RowScope& within) override {
    scope = within;
    note(of, with, expected, columns);
    return result;
  }
  std::variant<std::int64_t, DatabaseRefusal> publish(
      const Epoch&, std::string_view of, std::string_view name, std::string_view data,
      const std::optional<std::string>& whose) override {
    tenant = whose;
    note(of, {}, std::nullopt, data);
    event = name;
    return published;
  }
  LogReach reach(const Epoch&) override {
    fault();
    return {.keep_seconds = 3600,
            .keep_bytes = std::nullopt,
            .bytes = 4096,
            .oldest = std::nullopt,
            .now = "2026-11-25T16:02:58.913405Z"};
  }

 private:
  void note(std::string_view of, const std::vector<std::string>& with,
            const std::optional<std::vector<std::string>>& expected, std::string_view what) {
    ++asked;
    stream = of;
    key = with;
    tags = expected;
    text = what;
    fault();
  }
};

}  // namespace ordercast::testing
