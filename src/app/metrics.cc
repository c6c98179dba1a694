#include "app/metrics.h"

#include <prometheus/text_serializer.h>

#include "app/metric_families.h"
#include "base/process_status.h"

namespace ordercast::app {
namespace {

using Time = std::chrono::steady_clock::time_point;

std::optional<double> seconds_since(const std::optional<Time>& time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - *time).count();
}

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

void add_streams(MetricFamilies& families, const hub::Hub& hub) {
  const auto status = hub.status();
  const auto& traffic = hub.traffic();
  const auto& fan_out = status.fan_out;
  families.gauge("streams_active", "Open streams.", number(status.subscribers));
  families.gauge("streams_caught_up", "Open streams that have been sent all there is.",
                 number(status.caught_up));
  families.gauge("views", "Different views of the open streams.", number(status.views));
  families.counter("streams_opened_total", "Streams that began.", number(traffic.opened.value()));
  families.counters("streams_closed_total", "Streams that ended, by the reason.", "reason",
                    traffic.closed.counts());
  families.counter("withheld_total",
                   "Answers that were about to show rows of another tenant, and did not.",
                   number(traffic.withheld.value()));
  families.counters("resets_total",
                    "Times that a stream was told to forget its rows, by the reason.", "reason",
                    traffic.resets.counts());
  families.counters("events_read_total", "Changes read from the change log, by what they are.",
                    "op", traffic.read.counts());
  families.counter("events_sent_total",
                   "Changes, rows and messages sent to clients, each client counted.",
                   number(fan_out.sent.events + traffic.events.value()));
  families.counter("bytes_sent_total", "Bytes of events sent to clients, without HTTP's own.",
                   number(fan_out.sent.bytes + traffic.bytes.value()));
  families.counter("sends_total", "Writes of the fan-out to a client's socket.",
                   number(fan_out.sends));
  families.counter("short_sends_total",
                   "Of these, those that the socket did not take whole: the client lags.",
                   number(fan_out.short_sends));
  families.counter("replay_events_total",
                   "Changes sent to clients that resumed or lagged; in events_sent_total, too.",
                   number(traffic.replayed.value()));
  families.histogram("replay_seconds", "From a client's request to resume until it had caught up.",
                     traffic.replay);
  families.histogram("commit_to_send_seconds",
                     "From the last change of a page (when it was made: the database does not "
                     "record when it was committed) until all who had caught up were sent it.",
                     traffic.commit_to_send);
  families.gauge("fan_out_pending_pages", "Pages of the log that the fan-out has yet to send.",
                 number(status.pending_pages));
  families.gauge("backlog_bytes", "Memory that recent changes take.", number(status.backlog_bytes));
  families.gauge("draining", "1 while the streams are sent to other nodes.",
                 status.draining ? 1 : 0);
}

void add_server(MetricFamilies& families, const http::ServerCounters& server) {
  families.gauge("connections_open", "Connections that are served.",
                 number(server.open_connections));
  families.counter("connections_accepted_total", "Connections that got a thread.",
                   number(server.accepted));
  families.counter("connections_refused_total", "Connections turned away before they were served.",
                   number(server.refused));
  families.counter("connections_unanswered_total",
                   "Of these, those that were closed without a word: too many at once.",
                   number(server.refused_unanswered));
  families.gauge("client_addresses", "Addresses with a connection that counts for their limit.",
                 number(server.clients));
  families.counter("accept_failures_total", "Errors of accept(2).", number(server.accept_failures));
  families.counters("requests_total", "Requests, by the status of the answer.", "status",
                    server.answers);
  families.counters("request_rejects_total",
                    "Requests that were refused, by the `code` of the problem they were told.",
                    "reason", server.refusals);
}

void add_history(MetricFamilies& families, const FairTurns::Counters& turns) {
  families.counter("history_turns_total", "Reads of the log for clients that lag or resume.",
                   number(turns.taken));
  families.counter("history_waits_total", "Of these, those that had to wait for their turn.",
                   number(turns.waited));
  families.counter("history_timeouts_total", "Clients that waited for a turn in vain.",
                   number(turns.timed_out));
  families.gauge("history_waiting", "Clients that wait for their turn.", number(turns.waiting));
}

void add_database(MetricFamilies& families, const pg::ListenerStatus& status) {
  families.gauge("db_up", "1 while the change log can be read.", status.connected ? 1 : 0);
  families.counter("db_connections_total", "Connections that came to follow the change log.",
                   number(status.connections));
  families.counter("db_failures_total", "Connections, and attempts, that failed.",
                   number(status.failures));
  families.gauge("db_cursor_lag_seconds",
                 "All that was committed longer ago than this has been read.",
                 seconds_since(status.last_end));
  const bool read = status.last_page.has_value();
  families.gauge(
      "db_oldest_xact_seconds",
      "How long the oldest transaction that has written something has been seen "
      "running; 0: there is none. It keeps the change log from being cut.",
      read ? seconds_since(status.oldest_transaction_seen).value_or(0) : std::optional<double>());
  families.gauge("notify_queue_ratio",
                 "How full PostgreSQL's NOTIFY queue is, 0 to 1; when full, writes fail.",
                 status.notify_queue_ratio);
  if (!status.log) return;
  families.gauge("change_log_bytes", "Size of the change log with its indexes.",
                 number(status.log->bytes));
  families.gauge("change_log_rows", "Changes in the log, about: by their numbers.",
                 number(status.log->changes));
  families.gauge("change_log_oldest_seconds", "Age of the earliest change that can be replayed.",
                 status.log->oldest_age ? static_cast<double>(status.log->oldest_age->count()) : 0);
}

void add_process(MetricFamilies& families) {
  const auto process = process_status();
  families.counter("process_cpu_seconds_total", "Processor time, user and system.",
                   process.cpu_seconds);
  families.gauge("process_resident_memory_bytes", "Resident memory.",
                 number(process.resident_bytes));
  families.gauge("process_virtual_memory_bytes", "Virtual memory.", number(process.virtual_bytes));
  families.gauge("process_open_fds", "Open file descriptors.", number(process.open_fds));
  families.gauge("process_max_fds", "How many may be open.", number(process.max_fds));
  families.gauge("process_threads", "Threads.", number(process.threads));
  families.gauge("process_start_time_seconds", "When the process began, since 1970.",
                 process.start_time_seconds);
}

}  // namespace

std::vector<prometheus::MetricFamily> Metrics::Collect() const {
  MetricFamilies families;
  families.info("build_info", "1; the version.", "version", ORDERCAST_VERSION);
  add_streams(families, hub_);
  add_server(families, server_.counters());
  add_history(families, history_.turns());
  add_database(families, listener_.status());
  families.counter("log_lines_dropped_total", "Lines of the log that could not be written.",
                   number(log_ ? log_->dropped() : 0));
  add_process(families);
  return families.take();
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(Collect());
}

}  // namespace ordercast::app
