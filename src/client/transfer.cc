#include "client/transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

namespace ordercast::client {
namespace {

constexpr long kConnectSeconds = 10;

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCleanup {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append_to(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

}  // namespace

struct Transfer::Handles {
  std::unique_ptr<curl_slist, ListCleanup> headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  std::string body;
  CURLcode result = CURLE_OK;
  bool over = false;
  // The multi handle goes last: the easy one is taken out of it before.
  std::unique_ptr<CURLM, MultiCleanup> multi{curl_multi_init()};
  std::unique_ptr<CURL, EasyCleanup> easy{curl_easy_init()};

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy.get(), option, value) != CURLE_OK) {
      throw std::runtime_error("libcurl lacks an option that this program needs");
    }
  }
};

Transfer::Transfer(const TransferRequest& request) : handles_(std::make_unique<Handles>()) {
  auto& own = *handles_;
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK) {
    throw std::invalid_argument("'" + request.url + "' is not a URL");
  }
  for (const auto& header : request.headers) {
    own.headers.reset(curl_slist_append(own.headers.release(), header.c_str()));
  }
  own.set(CURLOPT_URL, request.url.c_str());
  own.set(CURLOPT_PROTOCOLS_STR, "http,https");
  own.set(CURLOPT_HTTPHEADER, own.headers.get());
  own.set(CURLOPT_WRITEFUNCTION, append_to);
  own.set(CURLOPT_WRITEDATA, static_cast<void*>(&own.body));
  own.set(CURLOPT_ERRORBUFFER, own.error.data());
  own.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  own.set(CURLOPT_NOSIGNAL, 1L);
  if (request.body) {
    own.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    own.set(CURLOPT_COPYPOSTFIELDS, request.body->c_str());
  }
  if (!request.ca_file.empty()) own.set(CURLOPT_CAINFO, request.ca_file.c_str());
  curl_multi_add_handle(own.multi.get(), own.easy.get());
}

Transfer::~Transfer() {
  curl_multi_remove_handle(handles_->multi.get(), handles_->easy.get());
}

Transfer::State Transfer::receive(std::string& body, int wake, std::chrono::milliseconds timeout) {
  auto& own = *handles_;
  if (!own.over) {
    curl_waitfd other{.fd = wake, .events = CURL_WAIT_POLLIN, .revents = 0};
    curl_multi_poll(own.multi.get(), &other, wake < 0 ? 0 : 1, static_cast<int>(timeout.count()),
                    nullptr);
    int running = 0;
    curl_multi_perform(own.multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(own.multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      own.over = true;
      own.result = message->data.result;
    }
  }
  body += own.body;
  own.body.clear();
  if (!own.over) return State::kOpen;
  return own.result == CURLE_OK ? State::kEnded : State::kCut;
}

int Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(handles_->easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

std::string Transfer::content_type() const {
  const char* type = nullptr;
  curl_easy_getinfo(handles_->easy.get(), CURLINFO_CONTENT_TYPE, &type);
  return type == nullptr ? "" : type;
}

std::chrono::seconds Transfer::retry_after() const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(handles_->easy.get(), CURLINFO_RETRY_AFTER, &seconds);
  return std::chrono::seconds(std::max<curl_off_t>(seconds, 0));
}

std::string Transfer::problem() const {
  if (handles_->error.front() != '\0') return handles_->error.data();
  return curl_easy_strerror(handles_->result);
}

}  // namespace ordercast::client
