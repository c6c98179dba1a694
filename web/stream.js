// The connection to a stream of Ordercast: native EventSource, plus what it lacks. It tells
//
//   onState({phase, retryAtMs})  the phase changed; retryAtMs: when the next try is due, or null
//   onBegin()                    a snapshot starts: what comes next replaces what you have
//   onChange(change)             {op, key, row, changed?, at?, seq?}, of the snapshot or live
//   onReady()                    the snapshot is whole, or a resumed stream goes on
//
// and is in one of these phases:
//   connecting    never been live yet
//   live          every committed change arrives
//   stale         the server answers, but says that it has lost its database
//   reconnecting  the connection is lost; the browser or this class is trying again
//   offline       the same, and the browser says that there is no network
//
// EventSource reconnects by itself after a drop, with Last-Event-ID, but closes for ever on any
// status other than 200 and never notices a connection that died silently. Then this class opens a
// new one, with the cursor in the URL, after a jittered back-off. A cursor counts only once its
// snapshot is whole: one lost half-way is asked for anew.
//
// `reset` (what the stream told before is void) is followed by a new snapshot on the same
// connection, as this class always asks for one.

import {Backoff} from './backoff.js';

export const RETRY_FLOOR_MS = 1000;
export const RETRY_CAP_MS = 30_000;
// A stream says hello at once: no hello in this time is a proxy that buffers, or a server that
// hangs.
export const HELLO_MS = 10_000;
// Heartbeats do not reach an EventSource's page, so an idle stream and a dead one look alike. After
// this silence the stream is resumed on a new connection: nothing is lost, a dead one is found out,
// and the load is a request a minute.
export const SILENCE_MS = 60_000;
// Back-off starts again from the floor only after this long live, so that a loop of resets slows
// down.
export const SETTLED_MS = 10_000;

const browser = {
  open: (url) => new EventSource(url),
  now: () => Date.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  isOnline: () => navigator.onLine,
};

export class Stream {
  #url;
  #listener;
  #world;
  #backoff;
  #source = null;
  #timer = null;
  #phase = 'connecting';
  #liveSinceMs = null;
  // The position to resume from; valid while `#whole`, that is from the end of a snapshot on.
  #cursor = '';
  #whole = false;
  // The last word of the server on this connection was that its database is down.
  #toldDown = false;

  // `url` may be relative to the page; `world` replaces the browser's EventSource, clock and chance
  // in tests.
  constructor(url, listener, world = browser) {
    this.#url = url;
    this.#listener = listener;
    this.#world = world;
    this.#backoff =
        new Backoff({floorMs: RETRY_FLOOR_MS, capMs: RETRY_CAP_MS, random: world.random});
  }

  // Opens the stream; when it is open or waiting to retry, opens it again now, from where it was.
  open() {
    this.close();
    const query = new URLSearchParams({snapshot: 'true'});
    if (this.#whole && this.#cursor) query.set('last_event_id', this.#cursor);
    this.#source = this.#world.open(`${this.#url}?${query}`);
    this.#source.onerror = () => this.#lost();
    this.#on('hello', (hello) => this.#hello(hello));
    for (const op of ['insert', 'update', 'delete'])
      this.#on(op, (change) => this.#listener.onChange(change));
    this.#on('ready', () => this.#level());
    this.#on('status', (status) => this.#database(status.database));
    this.#on('reset', () => this.#begin());
    this.#after(HELLO_MS, () => this.#retryLater());
  }

  close() {
    this.#world.clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#source = null;
  }

  // Runs `handler` with the data of each event of that type. What is not JSON is a broken stream.
  #on(type, handler) {
    const source = this.#source;
    source.addEventListener(type, (event) => {
      let data;
      try {
        data = JSON.parse(event.data);
      } catch {
        return this.#retryLater();
      }
      handler(data);
      if (this.#whole && event.lastEventId) this.#cursor = event.lastEventId;
      if (source === this.#source) this.#after(SILENCE_MS, () => this.open());
    });
  }

  #hello(hello) {
    this.#toldDown = false;
    if (hello.snapshot) {
      this.#begin();
    } else if (hello.resumed && this.#whole) {
      this.#level();
    } else {
      this.#whole = false;
      this.#retryLater();
    }
  }

  #begin() {
    this.#whole = false;
    this.#listener.onBegin();
  }

  #level() {
    this.#whole = true;
    this.#listener.onReady();
    this.#enter('live');
  }

  #database(state) {
    this.#toldDown = state === 'down';
    if (this.#toldDown) this.#enter('stale');
    else if (this.#whole) this.#enter('live');
  }

  #lost() {
    if (this.#source.readyState === this.#source.CLOSED) return this.#retryLater();
    this.#after(SILENCE_MS, () => this.open());
    this.#enter(this.#toldDown ? 'stale' : this.#lostPhase());
    this.#toldDown = false;
  }

  #retryLater() {
    this.close();
    const liveMs = this.#liveSinceMs === null ? 0 : this.#world.now() - this.#liveSinceMs;
    if (liveMs >= SETTLED_MS) this.#backoff.reset();
    const delayMs = this.#backoff.next();
    this.#after(delayMs, () => this.open());
    this.#enter(this.#lostPhase(), this.#world.now() + delayMs);
  }

  #lostPhase() { return this.#world.isOnline() ? 'reconnecting' : 'offline'; }

  #enter(phase, retryAtMs = null) {
    const nowMs = this.#world.now();
    if (phase !== 'live') this.#liveSinceMs = null;
    else this.#liveSinceMs ??= nowMs;
    if (phase === this.#phase && retryAtMs === null) return;
    this.#phase = phase;
    this.#listener.onState({phase, retryAtMs});
  }

  // There is one timer: what is to happen unless something happens before.
  #after(ms, action) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(action, ms);
  }
}
