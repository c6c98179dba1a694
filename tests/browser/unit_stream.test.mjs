import assert from 'node:assert/strict';
import {test} from 'node:test';

import {HELLO_MS, RETRY_CAP_MS, SETTLED_MS, SILENCE_MS, Stream} from '../../web/stream.js';

// A browser that the test drives: the connections it was asked for, a clock that moves when told
// to.
class World {
  sources = [];
  nowMs = 1_000_000;
  online = true;
  #timers = new Map();
  #nextTimer = 1;

  open = (url) => {
    const source = new Source(url);
    this.sources.push(source);
    return source;
  };
  now = () => this.nowMs;
  random = () => 0.5;
  isOnline = () => this.online;
  setTimeout = (action, ms) => {
    this.#timers.set(this.#nextTimer, {action, atMs: this.nowMs + ms});
    return this.#nextTimer++;
  };
  clearTimeout = (timer) => this.#timers.delete(timer);

  get source() { return this.sources.at(-1); }

  get query() { return new URL(this.source.url, 'http://board').searchParams; }

  // Lets time pass until the stream opens another connection; says how long that took.
  untilReopened() {
    const fromMs = this.nowMs;
    for (const before = this.sources.length; this.sources.length === before;) this.pass(10);
    return this.nowMs - fromMs;
  }

  pass(ms) {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due =
          [...this.#timers].filter(([, {atMs}]) => atMs <= endMs).sort(([, a], [
                                                                         , b
                                                                       ]) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.nowMs = due[1].atMs;
      due[1].action();
    }
    this.nowMs = endMs;
  }
}

// As much of an EventSource as the stream uses.
class Source {
  CONNECTING = 0;
  OPEN = 1;
  CLOSED = 2;
  readyState = 1;
  onerror = null;
  #listeners = new Map();

  constructor(url) { this.url = url; }

  addEventListener(type, listener) { this.#listeners.set(type, listener); }

  close() { this.readyState = this.CLOSED; }

  send(type, data, lastEventId = '') {
    if (this.readyState === this.CLOSED) return;
    this.#listeners.get(type)?.(
        {data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId});
  }

  // The connection broke; the browser tries again by itself.
  drop() {
    this.readyState = this.CONNECTING;
    this.onerror();
  }

  // The answer was not 200: the browser has given up.
  refuse() {
    this.readyState = this.CLOSED;
    this.onerror();
  }
}

function start() {
  const world = new World();
  const heard = [];
  const stream = new Stream(
      'v1/streams/orders', {
        onState: ({phase}) => heard.push(phase),
        onBegin: () => heard.push('(begin'),
        onChange: ({op, key}) => heard.push(`${op} ${key.id}`),
        onReady: () => heard.push('ready)'),
      },
      world);
  stream.open();
  return {world, stream, heard, hear: () => heard.splice(0)};
}

const SNAPSHOT = {
  resumed: false,
  snapshot: true
};
const RESUMED = {
  resumed: true,
  snapshot: false
};
const insert = (id) => ({op: 'insert', key: {id: String(id)}, row: {}});

function startLive() {
  const started = start();
  started.world.source.send('hello', SNAPSHOT);
  started.world.source.send('ready', {}, 'c0');
  started.hear();
  return started;
}

test('a snapshot, then live changes', () => {
  const {world, hear} = start();
  assert.equal(world.query.get('snapshot'), 'true');
  assert.equal(world.query.has('last_event_id'), false);
  world.source.send('hello', SNAPSHOT);
  world.source.send('insert', {...insert(1), snapshot: true});
  world.source.send('ready', {}, 'c0');
  world.source.send('insert', insert(2), 'c1');
  assert.deepEqual(hear(), ['(begin', 'insert 1', 'ready)', 'live', 'insert 2']);
});

test('the browser\'s own reconnect is reported, and resumes without a snapshot', () => {
  const {world, hear} = startLive();
  world.source.drop();
  assert.deepEqual(hear(), ['reconnecting']);
  world.source.send('hello', RESUMED, 'c0');
  world.source.send('insert', insert(7), 'c1');
  assert.deepEqual(hear(), ['ready)', 'live', 'insert 7']);
  assert.equal(world.sources.length, 1);
});

test(
    'a connection that the browser has given up is opened again with the cursor, later and later',
    () => {
      const {world, hear} = startLive();
      world.source.send('insert', insert(1), 'c1');
      world.pass(SETTLED_MS);
      hear();
      const waits = [];
      for (let i = 0; i < 8; ++i) {
        world.source.refuse();
        waits.push(world.untilReopened());
        assert.equal(world.query.get('last_event_id'), 'c1');
      }
      assert.ok(waits[0] < 2000, `${waits}`);
      assert.ok(waits.every((wait, i) => i === 0 || wait >= waits[i - 1]), `${waits}`);
      assert.ok(waits[7] <= RETRY_CAP_MS + 10, `${waits}`);
      assert.ok(hear().every((phase) => phase === 'reconnecting'));
    });

test('the wait is short again after a while live, and not after a moment', () => {
  const wait = (liveMs) => {
    const {world} = startLive();
    for (let i = 0; i < 5; ++i) {
      world.source.refuse();
      world.untilReopened();
    }
    world.source.send('hello', RESUMED);
    world.pass(liveMs);
    world.source.refuse();
    return world.untilReopened();
  };
  assert.ok(wait(SETTLED_MS) < 2000);
  assert.ok(wait(SETTLED_MS / 2) > 2000);
});

test('a snapshot that was cut is asked for anew, not resumed', () => {
  const {world, hear} = start();
  world.source.send('hello', SNAPSHOT);
  world.source.send('insert', {...insert(1), snapshot: true}, 'c9');
  world.source.refuse();
  world.untilReopened();
  assert.equal(world.query.has('last_event_id'), false);
  assert.deepEqual(hear(), ['(begin', 'insert 1', 'reconnecting']);
});

test('a server that resumes in the middle of a snapshot is not trusted', () => {
  const {world, hear} = start();
  world.source.send('hello', SNAPSHOT);
  world.source.send('insert', {...insert(1), snapshot: true});
  world.source.drop();
  const broken = world.source;
  broken.send('hello', RESUMED, 'c9');
  assert.equal(broken.readyState, broken.CLOSED);
  assert.equal(hear().includes('live'), false);
});

test('reset is followed by a new snapshot on the same connection', () => {
  const {world, hear} = startLive();
  world.source.send('reset', {reason: 'retention'});
  world.source.send('insert', {...insert(5), snapshot: true});
  world.source.send('ready', {}, 'c8');
  assert.deepEqual(hear(), ['(begin', 'insert 5', 'ready)']);
  assert.equal(world.sources.length, 1);
});

test('after TRUNCATE the rows begin anew, and the stream goes on', () => {
  const {world, stream, hear} = startLive();
  world.source.send('reset', {reason: 'truncate'});
  world.source.send('ready', {}, 'c4');
  world.source.send('insert', insert(5), 'c5');
  assert.deepEqual(hear(), ['(begin', 'ready)', 'insert 5']);
  stream.open();
  assert.equal(world.query.get('last_event_id'), 'c5');
});

test('after a reset the old cursor is never used again', () => {
  const {world} = startLive();
  world.source.send('reset', {reason: 'epoch'}, 'c0');
  world.source.refuse();
  world.untilReopened();
  assert.equal(world.query.has('last_event_id'), false);
});

test('no hello: the connection is given up and tried again', () => {
  const {world, hear} = start();
  world.pass(HELLO_MS);
  assert.deepEqual(hear(), ['reconnecting']);
  assert.equal(world.source.readyState, world.source.CLOSED);
  world.untilReopened();
});

test('a long silence is looked into on a new connection, without a word to the user', () => {
  const {world, hear} = startLive();
  world.pass(SILENCE_MS - 1);
  assert.equal(world.sources.length, 1);
  world.pass(1);
  assert.equal(world.sources.length, 2);
  assert.equal(world.sources[0].readyState, world.source.CLOSED);
  assert.equal(world.query.get('last_event_id'), 'c0');
  world.source.send('hello', RESUMED, 'c0');
  assert.deepEqual(hear(), ['ready)']);
});

test('a connection that died silently is found out', () => {
  const {world, hear} = startLive();
  world.pass(SILENCE_MS + HELLO_MS);
  assert.deepEqual(hear(), ['reconnecting']);
});

test('events put off the look into the silence', () => {
  const {world} = startLive();
  world.pass(SILENCE_MS - 1);
  world.source.send('insert', insert(1), 'c1');
  world.pass(SILENCE_MS - 1);
  assert.equal(world.sources.length, 1);
});

test('a lost database makes the orders stale until it is back', () => {
  const {world, hear} = startLive();
  world.source.send('status', {database: 'down'});
  world.source.send('status', {database: 'up'});
  assert.deepEqual(hear(), ['stale', 'live']);
});

test(
    'a server without its database that ends each stream is stale, one that is gone is not', () => {
      const {world, hear} = startLive();
      world.source.drop();
      for (let i = 0; i < 3; ++i) {
        world.source.send('status', {database: 'down'});
        world.source.drop();
      }
      assert.deepEqual(hear(), ['reconnecting', 'stale']);
      world.source.drop();
      assert.deepEqual(hear(), ['reconnecting']);
    });

test('a database that comes back in the middle of the first snapshot does not make it live', () => {
  const {world, hear} = start();
  world.source.send('hello', SNAPSHOT);
  world.source.send('status', {database: 'down'});
  world.source.send('status', {database: 'up'});
  assert.equal(hear().includes('live'), false);
});

test('without a network the board is offline, and opens at once when asked to', () => {
  const {world, stream, hear} = startLive();
  world.online = false;
  world.source.drop();
  assert.deepEqual(hear(), ['offline']);
  world.online = true;
  stream.open();
  world.source.send('hello', RESUMED);
  assert.deepEqual(hear(), ['ready)', 'live']);
});

test('what is not JSON is a broken stream', () => {
  const {world, hear} = startLive();
  world.source.send('insert', '<html>');
  assert.deepEqual(hear(), ['reconnecting']);
  assert.equal(world.source.readyState, world.source.CLOSED);
});

test('a closed stream does nothing more', () => {
  const {world, stream, hear} = startLive();
  stream.close();
  world.pass(SILENCE_MS * 10);
  assert.equal(world.sources.length, 1);
  assert.deepEqual(hear(), []);
});
