// How fast the trade is, and how soon after its commit a change is on the screen: numbers, and
// graphs of the last minute.

import {setText} from './dom.js';
import {SecondsRing} from './seconds_ring.js';
import {Sparkline} from './sparkline.js';

// The axes reach at least this far, so that a quiet shop looks quiet.
const MIN_RATE = 4;
const MIN_LATENCY_MS = 20;

export class Stats {
  #ring = new SecondsRing();
  #unseen = [];
  #locale;
  #rate;
  #latency;

  constructor(document, locale) {
    this.#locale = locale;
    this.#rate = part(document.getElementById('stat-rate'));
    this.#latency = part(document.getElementById('stat-latency'));
  }

  // A change came that was committed at `committedMs` by this machine's clock; null: long ago.
  came(committedMs) { this.#unseen.push(committedMs); }

  // All that came is on the screen now, if the screen shows it.
  seen(nowMs, isVisible) {
    for (const committedMs of this.#unseen) {
      const isMeasure = isVisible && committedMs !== null;
      this.#ring.add(nowMs, isMeasure ? Math.max(0, nowMs - committedMs) : null);
    }
    this.#unseen.length = 0;
  }

  // Once a second.
  tick(nowMs) {
    this.#showRate(nowMs);
    this.#showLatency(nowMs);
  }

  #showRate(nowMs) {
    const {format} = this.#locale;
    const counts = this.#ring.counts(nowMs);
    const max = Math.max(...counts);
    const value = format.rate(this.#ring.rate(nowMs));
    setText(this.#rate.value, value);
    this.#rate.graph.bars(counts, Math.max(MIN_RATE, max));
    label(this.#rate.canvas, this.#locale.t('stats.rate.graph', {value, max: format.count(max)}));
  }

  #showLatency(nowMs) {
    const {format} = this.#locale;
    const half = this.#ring.latencies(0.5, nowMs);
    const most = this.#ring.latencies(0.99, nowMs);
    const [p50, p99] = [0.5, 0.99].map((share) => this.#ring.latency(share, nowMs));
    const texts = {p50: format.latency(p50 ?? NaN), p99: format.latency(p99 ?? NaN)};
    setText(this.#latency.value, texts.p50);
    setText(this.#latency.more, texts.p99);
    this.#latency.graph.band(half, most, Math.max(MIN_LATENCY_MS, ...most));
    label(
        this.#latency.canvas,
        this.#locale.t(p50 === null ? 'stats.none' : 'stats.latency.graph', texts));
  }
}

function part(element) {
  const canvas = element.querySelector('canvas');
  return {
    canvas,
    graph: new Sparkline(canvas),
    value: element.querySelector('[data-part=value]'),
    more: element.querySelector('[data-part=more]'),
  };
}

function label(canvas, text) {
  if (canvas.getAttribute('aria-label') !== text) canvas.setAttribute('aria-label', text);
}
