// The state of the connection, in words and a dot, and since when.

import {setText} from './dom.js';

// Younger news are "just now": a number that changes under the eye would say nothing more.
const JUST_NOW_MS = 5000;

// The name of a state: the phase of ordercast.js, or 'offline' for a lost connection that the
// browser explains.
export function stateOf(status) {
  return status.phase === 'reconnecting' && status.offline ? 'offline' : status.phase;
}

export class Pill {
  #element;
  #bar;
  #label;
  #detail;
  #locale;
  #status = {phase: 'connecting'};
  #lastNewsMs = null;
  #liveMs = null;

  constructor(document, locale) {
    this.#element = document.getElementById('pill');
    this.#bar = document.getElementById('bar');
    this.#label = this.#element.querySelector('[data-part=label]');
    this.#detail = this.#element.querySelector('[data-part=detail]');
    this.#locale = locale;
  }

  // A change came over the stream.
  news(nowMs) { this.#lastNewsMs = nowMs; }

  show(status, nowMs) {
    if (this.#status.phase === 'live') this.#liveMs = nowMs;
    this.#status = status;
    this.tick(nowMs);
  }

  tick(nowMs) {
    const state = stateOf(this.#status);
    this.#element.dataset.phase = this.#bar.dataset.phase = state;
    setText(this.#label, this.#locale.t(`pill.${state}`));
    setText(this.#detail, this.#describe(nowMs).filter(Boolean).join(' · '));
  }

  #describe(nowMs) {
    const {t, format} = this.#texts();
    const status = this.#status;
    const asOf = this.#liveMs && t('pill.asof', {time: format.clock(this.#liveMs)});
    switch (status.phase) {
    case 'live':
      if (this.#lastNewsMs === null) return [t('pill.quiet')];
      if (nowMs - this.#lastNewsMs < JUST_NOW_MS) return [t('pill.just')];
      return [t('pill.last', {time: format.elapsed(this.#lastNewsMs, nowMs)})];
    case 'catching-up':
      return [format.count(status.count)];
    case 'reconnecting':
      return [retry(status, nowMs, t), asOf];
    case 'stale':
      return [t('pill.since', {time: format.clock(status.sinceMs)})];
    default:
      return [];
    }
  }

  #texts() {
    return {t: (key, values) => this.#locale.t(key, values), format: this.#locale.format};
  }
}

function retry({retryAtMs}, nowMs, t) {
  if (retryAtMs === null) return '';
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  return seconds > 0 ? t('pill.in', {seconds}) : t('pill.now');
}
