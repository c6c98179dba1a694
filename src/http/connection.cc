#include "http/connection.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/on_behalf_of.h"
#include "http/header_rules.h"
#include "http/json_error.h"
#include "http/refusal_form.h"
#include "http/request_reader.h"
#include "http/request_record.h"
#include "http/socket_io.h"
#include "http/stream_head.h"
#include "http/stream_writer.h"
#include "http/tcp.h"

namespace ordercast::http {
namespace {

Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// Sends a whole answer and parts.
void deliver(int fd, const Site& site, std::string_view answer) {
  switch (send_all(fd, answer, in(site.options.response_timeout))) {
    case IoStatus::kDone:
      await_close(fd, in(site.options.linger_timeout));
      break;
    case IoStatus::kTimeout:
      reset_on_close(fd);
      break;
    case IoStatus::kGone:
      break;
  }
}

void refuse(int fd, const Site& site, const RefusedRequest& refused, const RequestRecord& record) {
  const Refusal& why = refused.refusal;
  record.answered(why.status, why.code, 0);
  deliver(fd, site, site.library.answer(refused.head_only ? "HEAD" : "GET", "/", [&] {
    return json_error(why.status, why.code, why.message);
  }));
}

Response turned_away(const Site& site, const Request& request, const Refusal& why) {
  return turn_away(accepts_event_stream(request.headers), why, site.options.retry_delays);
}

// Finds the route and asks it; a session is put aside, for when the library is done.
Response ask_route(const Site& site, IncomingRequest& incoming,
                   std::optional<StreamSession>& session) {
  auto found = site.router.find(incoming.request.method, incoming.segments);
  if (auto* response = std::get_if<Response>(&found)) return std::move(*response);
  auto& match = std::get<Router::Match>(found);
  incoming.request.path_parameter = std::move(match.parameter);
  if (needs_grant(incoming.segments)) {
    auto admitted = site.access->admit(incoming.request);
    if (auto* refusal = std::get_if<Response>(&admitted)) return std::move(*refusal);
    incoming.request.grant = std::get<GrantPtr>(std::move(admitted));
  }

  const OnBehalfOf tenant(incoming.request.grant->tenant);
  auto answer = (*match.handler)(incoming.request);
  if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
  if (const auto* why = std::get_if<Refusal>(&answer))
    return turned_away(site, incoming.request, *why);
  auto& taken = std::get<StreamSession>(answer);
  if (!valid_headers(taken.headers) || !valid_headers({{"Content-Type", taken.content_type}})) {
    spdlog::error("{} failed: its stream has a malformed header", incoming.request.path);
    return internal_error();
  }
  session = std::move(taken);
  return {};
}

// Whether the session came to its own end, as opposed to an exception.
bool run_session(const Request& request, const StreamSession& session, StreamWriter& writer) {
  const OnBehalfOf tenant(request.grant->tenant);
  try {
    session.run(writer);
    return true;
  } catch (const std::exception& e) {
    spdlog::error("stream {} failed: {}", request.path, e.what());
  } catch (...) {
    spdlog::error("stream {} failed: an exception that is no std::exception", request.path);
  }
  return false;
}

void stream(int fd, const Site& site, std::chrono::milliseconds stall, const Request& request,
            const StreamSession& session) {
  const auto framing =
      request.http_1_0 ? StreamWriter::Framing::kUntilClose : StreamWriter::Framing::kChunked;
  const auto head_deadline = in(stall);
  if (send_all(fd, stream_head(session, framing), head_deadline) != IoStatus::kDone) return;
  // By the grant itself, whatever the route made of it.
  StreamWriter writer(fd, framing, stall, request.grant->tenant);
  const bool ended = request.method == "HEAD" || run_session(request, session, writer);
  if (ended && request.method != "HEAD") static_cast<void>(writer.finish());
  // A peer that takes nothing would keep its part of the kernel's memory until it times out.
  if (writer.stalled()) {
    reset_on_close(fd);
  } else {
    await_close(fd, in(site.options.linger_timeout));
  }
}

// Says who the client is; or refuses, when he has too many connections already.
std::optional<Refusal> identify(AcceptedConnection& connection, Site& site, Request& request) {
  const auto client = site.admission.client_of(connection, request.headers);
  if (connection.peer) request.remote_addr = connection.peer->text();
  if (client.address) request.client_addr = client.address->text();
  request.https = client.https;
  return site.admission.admit_client(connection, client);
}

void serve(AcceptedConnection& connection, Site& site) {
  const int fd = connection.socket.get();
  const auto limits = site.limits.get();
  set_connection_options(fd, limits.peer_timeout);
  RequestRecord record(site.answers);
  auto read = read_request(fd, limits.head, in(limits.request_timeout));
  if (const auto* refused = std::get_if<RefusedRequest>(&read))
    return refuse(fd, site, *refused, record);
  auto* incoming = std::get_if<IncomingRequest>(&read);
  if (incoming == nullptr) return;
  const auto unwelcome = identify(connection, site, incoming->request);
  record.asked(incoming->request);

  std::optional<StreamSession> session;
  // What is told when a handler fails.
  int status = internal_error().status;
  std::string code = internal_error().code;
  const auto answer = site.library.answer(incoming->request.method, incoming->request.path, [&] {
    auto response = unwelcome ? turned_away(site, incoming->request, *unwelcome)
                              : ask_route(site, *incoming, session);
    auto& headers = session ? session->headers : response.headers;
    for (auto& header : site.cors.headers_for(incoming->request)) {
      headers.push_back(std::move(header));
    }
    status = response.status;
    code = response.code;
    return response;
  });
  record.answered(status, code, session ? 0 : answer.size());
  if (session) return stream(fd, site, limits.write_stall_timeout, incoming->request, *session);
  deliver(fd, site, answer);
}

}  // namespace

void serve_connection(AcceptedConnection& connection, Site& site) noexcept {
  try {
    serve(connection, site);
  } catch (const std::exception& e) {
    spdlog::error("connection dropped: {}", e.what());
  } catch (...) {
    spdlog::error("connection dropped: an exception that is no std::exception");
  }
}

}  // namespace ordercast::http
