// What the HTTP layer writes to the access log while this lives, each line as a JSON object.
// Thread-safe; one at a time.
#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/access_line.h"
#include "support/eventually.h"

namespace ordercast::testing {

class AccessLog {
 public:
  AccessLog() {
    auto logger = std::make_shared<spdlog::logger>(http::kAccessLogger, sink_);
    logger->set_level(spdlog::level::debug);
    spdlog::register_logger(logger);
  }
  ~AccessLog() { spdlog::drop(http::kAccessLogger); }
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // The first line with that message; null when none comes.
  [[nodiscard]] nlohmann::json wait_for(const std::string& message) const {
    nlohmann::json found;
    static_cast<void>(eventually([&] {
      for (auto& line : sink_->lines()) {
        if (line.at("msg") == message) return found = line, true;
      }
      return false;
    }));
    return found;
  }

 private:
  class Sink : public spdlog::sinks::base_sink<std::mutex> {
   public:
    [[nodiscard]] std::vector<nlohmann::json> lines() {
      const std::lock_guard lock(mutex_);
      return lines_;
    }

   private:
    void sink_it_(const spdlog::details::log_msg& message) override {
      lines_.push_back(nlohmann::json::parse(message.payload.begin(), message.payload.end()));
    }
    void flush_() override {}
    std::vector<nlohmann::json> lines_;
  };

  const std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
};

}  // namespace ordercast::testing
