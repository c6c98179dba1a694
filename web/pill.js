// The state of the connection, in words and a dot, and how old the last news is.

import {setText} from './dom.js';

const LABELS = {
  connecting: 'Connecting',
  live: 'Live',
  stale: 'Stale',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
};

// What a screen reader is told when the phase changes.
export const SPOKEN = {
  connecting: 'Connecting.',
  live: 'Live.',
  stale: 'The database cannot be reached. The orders may be out of date.',
  reconnecting: 'Connection lost. Reconnecting.',
  offline: 'Offline. The orders may be out of date.',
};

export class Pill {
  #element;
  #label;
  #detail;
  #format;
  #state = {phase: 'connecting', retryAtMs: null};
  #lastNewsMs = null;
  #lastLiveMs = null;

  constructor(document, format) {
    this.#element = document.getElementById('pill');
    this.#label = this.#element.querySelector('[data-part=label]');
    this.#detail = this.#element.querySelector('[data-part=detail]');
    this.#format = format;
  }

  // A change came over the stream.
  news(nowMs) { this.#lastNewsMs = nowMs; }

  show(state, nowMs) {
    if (this.#state.phase === 'live' && state.phase !== 'live') this.#lastLiveMs = nowMs;
    this.#state = state;
    this.#element.dataset.phase = state.phase;
    this.#element.ownerDocument.getElementById('bar').dataset.phase = state.phase;
    setText(this.#label, LABELS[state.phase]);
    this.tick(nowMs);
  }

  tick(nowMs) { setText(this.#detail, this.#describe(nowMs)); }

  #describe(nowMs) {
    const {phase, retryAtMs} = this.#state;
    if (phase === 'connecting') return '';
    if (phase === 'live') {
      return this.#lastNewsMs === null ? 'no change yet' :
                                         `last change ${this.#format.ago(this.#lastNewsMs, nowMs)}`;
    }
    const details = [];
    const waitS = Math.ceil(((retryAtMs ?? nowMs) - nowMs) / 1000);
    if (phase === 'stale') details.push('database unreachable');
    if (phase === 'reconnecting' && waitS > 0) details.push(`in ${waitS} s`);
    if (this.#lastLiveMs !== null)
      details.push(`orders as of ${this.#format.clock(this.#lastLiveMs)}`);
    return details.join(', ');
  }
}
