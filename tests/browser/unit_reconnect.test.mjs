// How a connection is kept: lost, refused, silent, signed out. By a browser and a clock that the
// test drives.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {Collection, Feed} from '../../web/ordercast.js';

import {FakeBrowser} from './support/fake_browser.mjs';

const HELLO = {
  resumed: true,
  snapshot: false,
  heartbeat_ms: 15_000
};
const EVENT = {
  op: 'insert',
  key: {id: '1'},
  row: {},
  seq: 1
};
// A stream that is silent for longer is dead.
const SILENCE_MS = 2.5 * HELLO.heartbeat_ms;
const RETRY_CAP_MS = 30_000;

let browser;
let opened;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.install();
  opened = [];
});

afterEach(() => {
  opened.forEach((each) => each.close());
  browser.uninstall();
});

// A feed, and the statuses that it has told since hear() was called last.
function start(options = {}) {
  const statuses = [];
  const listener = {onStatus: (status) => statuses.push(status)};
  const feed = new Feed('v1/streams/orders', listener, options);
  opened.push(feed);
  const hear = () => statuses.splice(0);
  return {feed, hear, phases: () => hear().map(({phase}) => phase)};
}

async function startLive(options) {
  const started = start(options);
  await browser.source.send('hello', HELLO, 'c0');
  await browser.source.send('heartbeat');
  started.hear();
  return started;
}

test('it is live as soon as the server says that all was sent', async () => {
  const {phases} = start();
  await browser.source.send('hello', HELLO, 'c0');
  for (let i = 0; i < 250; ++i) await browser.source.send('insert', EVENT, `c${i}`);
  assert.deepEqual(phases(), ['catching-up', 'catching-up', 'catching-up']);
  await browser.source.send('heartbeat');
  await browser.source.send('insert', EVENT, 'c300');
  assert.deepEqual(phases(), ['live']);
});

test('a drop is the browser\'s to mend: it has the cursor', async () => {
  const {hear} = await startLive();
  await browser.source.drop();
  await browser.source.drop();
  assert.deepEqual(
      hear(), [{phase: 'reconnecting', retryAtMs: null, offline: false, problem: null}]);
  await browser.source.send('hello', HELLO);
  await browser.source.send('heartbeat');
  assert.deepEqual(hear(), [{phase: 'live'}]);
  assert.equal(browser.sources.length, 1);
});

test('a browser that hangs while it connects again is not waited for', async () => {
  await startLive();
  await browser.source.drop();
  await browser.pass(RETRY_CAP_MS);
  assert.equal(browser.sources.length, 2);
});

test('where the browser gives up, it is tried again from the cursor, and says when', async () => {
  const {hear} = await startLive();
  browser.answer = 502;
  await browser.source.refuse();
  const [asking, waiting] = hear();
  const lost = {phase: 'reconnecting', offline: false};
  assert.deepEqual(asking, {...lost, retryAtMs: null, problem: null});
  assert.deepEqual(waiting, {...lost, retryAtMs: browser.nowMs + 1500, problem: 'HTTP 502'});
  const waitedMs = await browser.untilReopened();
  assert.ok(Math.abs(waitedMs - 1500) <= 10, `${waitedMs}`);
  assert.equal(browser.query.get('last_event_id'), 'c0');
});

test('the waits grow, with jitter, up to a cap; long after the last failure they begin again',
     async () => {
       await startLive();
       browser.answer = 502;
       const waitsMs = [];
       for (let i = 0; i < 7; ++i) {
         await browser.source.refuse();
         waitsMs.push(Math.round(await browser.untilReopened() / 100) * 100);
       }
       // Half-way between a second and 2, 4, 8, … seconds: the jitter of this test is 0.5.
       assert.deepEqual(waitsMs, [1500, 2500, 4500, 8500, 15_500, 15_500, 15_500]);
       Math.random = () => 0.999999;
       await browser.source.refuse();
       assert.ok(await browser.untilReopened() <= RETRY_CAP_MS + 10);

       Math.random = () => 0.5;
       for (let i = 0; i < 5; ++i) {
         await browser.source.send('hello', HELLO, 'c0');
         await browser.pass(15_000);
         await browser.source.send('heartbeat');
       }
       await browser.source.refuse();
       assert.ok(await browser.untilReopened() <= 1510);
     });

test('a server that cannot even be asked is tried again too', async () => {
  const {hear} = await startLive();
  browser.answer = new Error('refused');
  await browser.source.refuse();
  assert.equal(hear().at(-1).problem, null);
  await browser.untilReopened();
});

test('no hello: the connection is given up and tried again', async () => {
  const {phases} = start();
  await browser.pass(10_000);
  assert.deepEqual(phases(), ['reconnecting']);
  assert.equal(browser.source.readyState, 2);
  await browser.untilReopened();
});

test('heartbeats keep an idle stream; one that died without a word is opened again', async () => {
  const {phases} = await startLive();
  for (let i = 0; i < 20; ++i) {
    await browser.pass(HELLO.heartbeat_ms);
    await browser.source.send('heartbeat', {}, `c${i}`);
  }
  assert.equal(browser.sources.length, 1);
  await browser.pass(SILENCE_MS - 1);
  assert.equal(browser.sources.length, 1);
  await browser.pass(1);
  assert.equal(browser.sources.length, 2);
  assert.equal(browser.query.get('last_event_id'), 'c19');
  assert.deepEqual(phases(), []);
  // That one says nothing either.
  await browser.pass(10_000);
  assert.deepEqual(phases(), ['reconnecting']);
});

test('what is not JSON is a broken stream: nothing behind it is taken', async () => {
  const {feed, phases} = await startLive();
  await browser.source.send('insert', '<html>', 'c1');
  assert.deepEqual(phases(), ['reconnecting']);
  assert.equal(browser.source.readyState, 2);
  assert.equal(feed.cursor, 'c0');
});

test('a lost database makes it stale until it is back, since the last word before', async () => {
  const {feed, hear} = await startLive();
  await browser.pass(1000);
  await browser.source.send('status', {database: 'down'});
  assert.deepEqual(hear(), [{phase: 'stale', sinceMs: browser.nowMs}]);
  await browser.pass(14_000);
  const sinceMs = browser.nowMs - 14_000;
  await browser.source.send('heartbeat');
  assert.deepEqual(hear(), []);
  await browser.source.send('status', {database: 'down'});
  assert.deepEqual(hear(), []);
  assert.equal(feed.status.sinceMs, sinceMs);
  await browser.source.send('status', {database: 'up'});
  assert.deepEqual(hear(), [{phase: 'live'}]);
});

test('a server without its database that ends each stream is stale, one that is gone is not',
     async () => {
       const {hear, phases} = await startLive();
       const sinceMs = browser.nowMs;
       await browser.source.drop();
       for (let i = 0; i < 3; ++i) {
         await browser.pass(2000);
         await browser.source.send('status', {database: 'down'});
         await browser.source.drop();
       }
       const [lost, ...stale] = hear();
       assert.equal(lost.phase, 'reconnecting');
       assert.deepEqual(stale, [{phase: 'stale', sinceMs}]);
       await browser.source.drop();
       assert.deepEqual(phases(), ['reconnecting']);
     });

test('what ends with `until`, 204 or 400 is over', async () => {
  const ended = await startLive();
  await browser.source.send('end', {}, 'c1');
  assert.deepEqual(ended.hear(), [{phase: 'closed', problem: null}]);

  for (const [status, problem] of [[204, 'HTTP 204'], [400, 'there is no column totl']]) {
    const {hear} = start();
    browser.answer = status;
    browser.detail = problem;
    await browser.source.refuse();
    assert.deepEqual(hear().at(-1), {phase: 'closed', problem});
  }
  await browser.pass(600_000);
  await browser.happens('online');
  assert.equal(browser.sources.length, 3);
});

test('a stream that has had its time is the browser\'s to open again', async () => {
  const {phases} = await startLive();
  await browser.source.send('end', {reason: 'lifetime'});
  await browser.source.drop();
  await browser.source.send('hello', HELLO);
  await browser.source.send('heartbeat');
  assert.deepEqual(phases(), ['reconnecting', 'live']);
  assert.equal(browser.sources.length, 1);
});

test('401, 403 or an expired token: the page is asked to sign in, then it is resumed', async () => {
  for (const end of [401, 403, 'token_expired', 'token_revoked']) {
    let asked = 0;
    const {hear, feed} = await startLive({renew: async () => ++asked > 0});
    const before = browser.sources.length;
    browser.answer = end;
    if (typeof end === 'string') await browser.source.send('end', {reason: end});
    else await browser.source.refuse();
    assert.equal(asked, 1);
    assert.equal(browser.sources.length, before + 1);
    assert.equal(browser.query.get('last_event_id'), 'c0');
    await browser.source.send('hello', HELLO);
    await browser.source.send('heartbeat');
    assert.deepEqual(hear().map(({phase}) => phase), ['reconnecting', 'live']);
    feed.close();
  }
});

test('without help it is signed out, and waits for reconnect()', async () => {
  const hooks =
      [undefined, () => false, () => { throw new Error('no'); }, () => Promise.reject(1)];
  for (const renew of hooks) {
    const {feed, phases} = await startLive({renew});
    browser.answer = 401;
    await browser.source.refuse();
    const before = browser.sources.length;
    await browser.pass(600_000);
    await browser.happens('visibilitychange');
    assert.deepEqual(phases(), ['reconnecting', 'signed-out']);
    assert.equal(browser.sources.length, before);
    feed.reconnect();
    assert.equal(browser.sources.length, before + 1);
    assert.equal(browser.query.get('last_event_id'), 'c0');
    feed.close();
  }
});

test('who was not there yet has lost nothing: until why it is refused is known, it connects', async () => {
  for (const [answer, phase] of [[401, 'signed-out'], [400, 'closed'], [502, 'reconnecting']]) {
    let decline;
    const {feed, hear} = start({renew: () => new Promise((resolve) => decline = resolve)});
    browser.answer = answer;
    await browser.source.refuse();
    decline?.(false);
    await browser.settle();
    assert.deepEqual(hear().map((status) => status.phase), [phase]);
    // Nor when somebody asks again who is signed out.
    if (answer === 401) {
      feed.reconnect();
      await browser.source.refuse();
      decline(false);
      await browser.settle();
      assert.deepEqual(hear(), []);
      browser.answer = 502;
      feed.reconnect();
      await browser.source.refuse();
      assert.deepEqual(hear().map((status) => status.problem), ['HTTP 502']);
    }
    feed.close();
  }
});

test('a sign-in that does not help at once is not repeated for ever', async () => {
  let asked = 0;
  const {phases} = await startLive({renew: () => ++asked > 0});
  browser.answer = 403;
  await browser.source.refuse();
  await browser.source.refuse();
  assert.equal(asked, 1);
  assert.equal(phases().at(-1), 'signed-out');
});

test('of the tabs that share a connection one signs in, the latest that can', async () => {
  const asked = [];
  const renews = {
    helpful: () => asked.push('helpful') > 0,
    helpless: () => asked.push('helpless') < 0,
    silent: () => new Promise(() => asked.push('silent')),
  };
  for (const name of ['helpful', 'helpless', 'silent'])
    opened.push(new Collection('v1/streams/orders', {}, {share: false, renew: renews[name]}));
  browser.answer = 401;
  await browser.source.refuse();
  assert.deepEqual(asked, ['silent']);
  await browser.pass(30_000);
  assert.deepEqual(asked, ['silent', 'helpless', 'helpful']);
  assert.equal(browser.sources.length, 2);
});

test('a network that comes back, or a page that is looked at again, ends the wait', async () => {
  for (const event of ['online', 'visibilitychange']) {
    const {feed} = await startLive();
    browser.answer = 502;
    await browser.source.refuse();
    const before = browser.sources.length;
    await browser.happens(event);
    assert.equal(browser.sources.length, before + 1);
    // It is on its way: more of that changes nothing.
    await browser.happens(event);
    assert.equal(browser.sources.length, before + 1);
    feed.close();
  }
});

test('a healthy connection is left alone by that, one that missed a heartbeat is not', async () => {
  await startLive();
  await browser.pass(HELLO.heartbeat_ms);
  await browser.happens('visibilitychange');
  assert.equal(browser.sources.length, 1);
  await browser.pass(1);
  browser.document.hidden = true;
  await browser.happens('visibilitychange');
  assert.equal(browser.sources.length, 1);
  browser.document.hidden = false;
  await browser.happens('visibilitychange');
  assert.equal(browser.sources.length, 2);
});

test('without a network it says so, and goes on trying: localhost needs none', async () => {
  const {hear} = await startLive();
  browser.navigator.onLine = false;
  await browser.happens('offline');
  assert.deepEqual(
      hear(),
      [{phase: 'reconnecting', retryAtMs: browser.nowMs + 1500, offline: true, problem: null}]);
  await browser.untilReopened();
  await browser.source.send('hello', HELLO);
  await browser.source.send('heartbeat');
  assert.deepEqual(hear(), [{phase: 'live'}]);
});

test('a sign-in that fails after all went well without it means nothing any more', async () => {
  let fail;
  const {feed, phases} =
      await startLive({renew: () => new Promise((resolve) => fail = () => resolve(false))});
  browser.answer = 401;
  await browser.source.refuse();
  feed.reconnect();
  await browser.source.send('hello', HELLO);
  await browser.source.send('heartbeat');
  fail();
  await browser.settle();
  assert.deepEqual(phases(), ['reconnecting', 'live']);
});

test('an answer that comes too late means nothing any more', async () => {
  const {feed, phases} = await startLive();
  browser.answer = 401;
  const refused = browser.source.refuse();
  feed.reconnect();
  await refused;
  assert.deepEqual(phases(), ['reconnecting']);
  await browser.source.send('hello', HELLO);
  await browser.source.send('heartbeat');
  assert.deepEqual(phases(), ['live']);
});
