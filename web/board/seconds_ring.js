// What happened in each of the last SECONDS seconds: how many events, and how long each took from
// commit to screen. Bounded, however fast events come.

export const SECONDS = 60;
// Of a second with more events the first ones stand for all.
const MAX_SAMPLES = 200;

export class SecondsRing {
  #seconds = [];

  // An event came at `nowMs` and is on the screen `latencyMs` after its commit; null when nobody
  // could tell.
  add(nowMs, latencyMs = null) {
    const second = this.#at(Math.floor(nowMs / 1000));
    second.count += 1;
    if (latencyMs !== null && second.samples.length < MAX_SAMPLES) second.samples.push(latencyMs);
  }

  // The counts of the last seconds before `nowMs`, the oldest first. The present one is not over.
  counts(nowMs) { return this.#window(nowMs).map((second) => second?.count ?? 0); }

  // For each of these seconds the latency that a share of its events kept to, or null.
  latencies(share, nowMs) {
    return this.#window(nowMs).map((second) => second ? quantile(second.samples, share) : null);
  }

  // The same of all these seconds together.
  latency(share, nowMs) {
    return quantile(this.#window(nowMs).flatMap((second) => second?.samples ?? []), share);
  }

  // Events a second, over the last `seconds`.
  rate(nowMs, seconds = 5) {
    return this.counts(nowMs).slice(-seconds).reduce((sum, count) => sum + count, 0) / seconds;
  }

  #at(time) {
    const index = time % (SECONDS + 1);
    if (this.#seconds[index]?.time !== time) this.#seconds[index] = {time, count: 0, samples: []};
    return this.#seconds[index];
  }

  #window(nowMs) {
    const present = Math.floor(nowMs / 1000);
    return Array.from({length: SECONDS}, (_, i) => {
      const time = present - SECONDS + i;
      const second = this.#seconds[time % (SECONDS + 1)];
      return second?.time === time ? second : null;
    });
  }
}

function quantile(samples, share) {
  if (samples.length === 0) return null;
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1];
}
