// The rows that a Collection holds and what it tells, on a browser that the test drives.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {Collection, keyText} from '../../web/ordercast.js';

import {FakeBrowser} from './support/fake_browser.mjs';

const SNAPSHOT = {
  resumed: false,
  snapshot: true,
  heartbeat_ms: 15_000
};
const RESUMED = {
  resumed: true,
  snapshot: false,
  heartbeat_ms: 15_000
};

let browser;
let collections;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.install();
  collections = [];
});

afterEach(() => {
  collections.forEach((collection) => collection.close());
  browser.uninstall();
});

const change = (id, row = {}) =>
    ({op: 'insert', key: {id: String(id)}, row: {id: String(id), ...row}, at: 'then', seq: 1});

// A collection, and what it has told since hear() was called last.
function start(options = {}) {
  const heard = [];
  const ids = (rows) => [...rows.values()].map(({id}) => id).join(',');
  const collection = new Collection('v1/streams/orders', {
    onInsert: ({id}) => heard.push(`insert ${id}`),
    onUpdate: ({id, before, row}) => heard.push(`update ${id} ${before.status}→${row.status}`),
    onDelete: ({id}) => heard.push(`delete ${id}`),
    onReset: (rows, reset) => heard.push(`rows ${ids(rows)} ${reset?.reason ?? ''}`.trimEnd()),
    onMessage: ({event, data}) => heard.push(`message ${event} ${data}`),
    onStatus: ({phase}) => heard.push(phase),
  }, {share: false, ...options});
  collections.push(collection);
  return {collection, hear: () => heard.splice(0)};
}

async function startLive(...ids) {
  const started = start();
  await browser.source.send('hello', SNAPSHOT);
  for (const id of ids) await browser.source.send('insert', change(id, {status: 'new'}));
  await browser.source.send('ready', {}, 'c0');
  started.hear();
  return started;
}

test('the rows come first, at one stroke, and then each change', async () => {
  const {collection, hear} = start();
  assert.equal(browser.source.url.href.replace(/.*example/, ''),
               '/shop/v1/streams/orders?snapshot=true&heartbeat=event');
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('insert', change(1));
  await browser.source.send('insert', change(2));
  assert.deepEqual(hear(), ['connecting', 'catching-up']);
  assert.equal(collection.loaded, false);
  assert.equal(collection.rows.size, 0);
  await browser.source.send('ready', {}, 'c0');
  assert.equal(collection.loaded, true);
  await browser.source.send('insert', change(3), 'c1');
  assert.deepEqual(hear(), ['rows 1,2', 'live', 'insert {"id":"3"}']);
  assert.deepEqual([...collection.rows.keys()], ['{"id":"1"}', '{"id":"2"}', '{"id":"3"}']);
});

test('a change says what it was here, and what it was in the database', async () => {
  const {collection, hear} = await startLive(1);
  await browser.source.send('update', change(1, {status: 'paid'}), 'c1');
  await browser.source.send('insert', change(1, {status: 'sent'}), 'c2');
  await browser.source.send('update', change(2), 'c3');
  await browser.source.send('delete', {...change(2), op: 'update'}, 'c4');
  await browser.source.send('delete', change(2), 'c5');
  assert.deepEqual(hear(), [
    'update {"id":"1"} new→paid', 'update {"id":"1"} paid→sent', 'insert {"id":"2"}',
    'delete {"id":"2"}'
  ]);
  assert.equal(collection.rows.size, 1);
});

test('keys that differ only beyond a double are different rows', async () => {
  const {collection} = await startLive('9007199254740993', '9007199254740992');
  await browser.source.send('delete', change('9007199254740993'), 'c1');
  assert.deepEqual([...collection.rows.keys()], [keyText({id: '9007199254740992'})]);
});

test('a row too large for the stream keeps what was known of it, and is marked', async () => {
  const {collection} = await startLive(1);
  const truncated = {...change(1), op: 'update', row: null};
  await browser.source.send('update', truncated, 'c1');
  assert.deepEqual(collection.rows.get('{"id":"1"}'), {id: '1', status: 'new'});
  assert.deepEqual([...collection.incomplete], ['{"id":"1"}']);

  // Also for a collection that comes later.
  const late = start();
  await browser.settle();
  assert.deepEqual([...late.collection.incomplete], ['{"id":"1"}']);
  await browser.source.send('update', change(1, {status: 'paid'}), 'c2');
  assert.equal(collection.incomplete.size, 0);
});

test('two of one page share a connection, and the rows it has brought', async () => {
  const first = await startLive(1, 2);
  const second = start();
  await browser.settle();
  assert.equal(browser.sources.length, 1);
  assert.deepEqual(second.hear(), ['live', 'rows 1,2']);
  await browser.source.send('insert', change(3), 'c1');
  assert.deepEqual(first.hear(), second.hear());

  first.collection.close();
  assert.equal(browser.source.readyState, 1);
  second.collection.close();
  assert.equal(browser.source.readyState, 2);
});

test('an application\'s own events are told to who names them', async () => {
  const {hear} = start({messages: ['note']});
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('ready', {}, 'c0');
  hear();
  await browser.source.send('note', {op: 'message', data: 'closing', seq: 2}, 'c1');
  await browser.source.send('other', {op: 'message', data: 'x', seq: 3}, 'c2');
  assert.deepEqual(hear(), ['message note closing']);
});

test('a resumed connection goes on with the rows that are there', async () => {
  const {collection, hear} = await startLive(1);
  await browser.source.send('insert', change(2), 'c1');
  await browser.source.drop();
  await browser.source.send('hello', RESUMED, 'c1');
  await browser.source.send('insert', change(3), 'c2');
  await browser.source.send('heartbeat', {}, 'c2');
  assert.deepEqual(
      hear(),
      ['insert {"id":"2"}', 'reconnecting', 'insert {"id":"3"}', 'catching-up', 'live']);
  assert.equal(collection.rows.size, 3);
});

test('a snapshot that was cut half-way is asked for anew, not resumed', async () => {
  const {hear} = start();
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('insert', change(1));
  await browser.source.refuse();
  await browser.untilReopened();
  assert.equal(browser.query.has('last_event_id'), false);
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('insert', change(2));
  await browser.source.send('ready', {}, 'c0');
  assert.ok(hear().includes('rows 2'));
});

test('a late reset: the old rows stay until the new ones are whole', async () => {
  const {collection, hear} = await startLive(1, 2);
  await browser.source.send('reset', {reason: 'retention'});
  await browser.source.send('insert', change(5));
  assert.deepEqual([...collection.rows.values()].map(({id}) => id), ['1', '2']);
  await browser.source.send('ready', {}, 'c8');
  assert.deepEqual(hear(), ['catching-up', 'rows 5 retention', 'live']);
  assert.equal(browser.sources.length, 1);
});

test('cut in the middle of that, it resumes from before the reset, with the rows of then',
     async () => {
       const {collection} = await startLive(1, 2);
       await browser.source.send('insert', change(3), 'c1');
       await browser.source.send('reset', {reason: 'reload'}, 'c9');
       await browser.source.send('insert', change(5));
       await browser.source.refuse();
       await browser.untilReopened();
       assert.equal(browser.query.get('last_event_id'), 'c1');
       await browser.source.send('hello', RESUMED, 'c1');
       await browser.source.send('insert', change(4), 'c2');
       assert.equal(collection.rows.size, 4);
       const late = start();
       await browser.settle();
       assert.equal(late.collection.rows.size, 4);
     });

test('what a connection says before its first id does not lose the position', async () => {
  await startLive(1);
  await browser.source.refuse();
  await browser.untilReopened();
  await browser.source.send('status', {database: 'down'}, '');
  await browser.source.refuse();
  await browser.untilReopened();
  assert.equal(browser.query.get('last_event_id'), 'c0');
});

test('who signs in after a sign-out may be another person: the rows begin anew', async () => {
  const {collection, hear} = await startLive(1);
  browser.answer = 401;
  await browser.source.refuse();
  assert.deepEqual(hear(), ['reconnecting', 'rows', 'signed-out']);
  assert.equal(collection.rows.size, 0);
  const late = start();
  await browser.settle();
  assert.equal(late.collection.loaded, false);

  collection.reconnect();
  assert.equal(browser.query.has('last_event_id'), false);
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('insert', change(2));
  await browser.source.send('ready', {}, 'c0');
  assert.deepEqual([...collection.rows.keys()], ['{"id":"2"}']);
});

// [how it begins, who it is before, who afterwards]
const OTHERS = [
  ['resumes', 'ann', 'bob'], ['begins anew', 'ann', 'bob'], ['resumes', undefined, 'bob'],
  ['resumes', 'ann', undefined]
];
for (const [how, before, after] of OTHERS) {
  test(`a stream that ${how} for ${after} shows nothing of the rows of ${before}`, async () => {
    const {collection, hear} = start();
    await browser.source.send('hello', {...SNAPSHOT, grant: before});
    await browser.source.send('insert', change(1));
    await browser.source.send('ready', {}, 'c0');
    await browser.source.drop();
    hear();
    await browser.source.send('hello', {...how === 'resumes' ? RESUMED : SNAPSHOT, grant: after}, 'c0');
    assert.deepEqual(hear(), ['rows', 'signed-out', 'connecting']);
    assert.equal(collection.rows.size, 0);

    // It asks for the rows of the other one.
    assert.equal(browser.sources.length, 2);
    assert.equal(browser.query.has('last_event_id'), false);
    await browser.source.send('hello', {...SNAPSHOT, grant: after});
    await browser.source.send('insert', change(2));
    await browser.source.send('ready', {}, 'c1');
    assert.deepEqual(hear(), ['catching-up', 'rows 2', 'live']);
    assert.equal(browser.sources.length, 2);
  });
}

test('the same person with another token is resumed', async () => {
  const {collection, hear} = start();
  await browser.source.send('hello', {...SNAPSHOT, grant: 'ann'});
  await browser.source.send('insert', change(1));
  await browser.source.send('ready', {}, 'c0');
  await browser.source.drop();
  hear();
  await browser.source.send('hello', {...RESUMED, grant: 'ann'}, 'c0');
  await browser.source.send('heartbeat');
  assert.deepEqual(hear(), ['live']);
  assert.equal(collection.rows.size, 1);
  assert.equal(browser.sources.length, 1);
});

test('subscribers are called after each change of rows or status, until they end it', async () => {
  const {collection} = start();
  let calls = 0;
  const unsubscribe = collection.subscribe(() => ++calls);
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('ready', {}, 'c0');
  const version = collection.version;
  await browser.source.send('insert', change(1), 'c1');
  assert.equal(collection.version, version + 1);
  assert.equal(calls, version + 1);
  unsubscribe();
  await browser.source.send('insert', change(2), 'c2');
  assert.equal(calls, version + 1);
});

test('nothing is told in the constructor, nor after close()', async () => {
  const {collection, hear} = start();
  assert.deepEqual(hear(), []);
  await browser.source.send('hello', SNAPSHOT);
  collection.close();
  await browser.settle();
  assert.deepEqual(hear(), ['connecting']);
  assert.deepEqual(collection.status, {phase: 'closed', problem: null});
  await browser.happens('online');
  await browser.happens('pageshow', {persisted: true});
  await browser.pass(600_000);
  assert.equal(browser.sources.length, 1);
});

test('a callback that throws is reported, and stops nothing', async () => {
  const collection = new Collection('v1/streams/orders', {
    onReset() { throw new Error('mine'); },
  }, {share: false});
  collections.push(collection);
  await browser.source.send('hello', SNAPSHOT);
  await browser.source.send('ready', {}, 'c0');
  await browser.source.send('insert', change(1), 'c1');
  assert.equal(collection.rows.size, 1);
  assert.deepEqual(browser.reported.map(({message}) => message), ['mine']);
});

test('a page that is put aside holds no connection, and goes on when it is brought back',
     async () => {
       const {collection, hear} = await startLive(1);
       await browser.happens('pagehide');
       assert.equal(browser.source.readyState, 2);
       await browser.happens('pageshow', {persisted: true});
       assert.equal(browser.sources.length, 2);
       await browser.source.send('hello', SNAPSHOT);
       await browser.source.send('insert', change(2));
       await browser.source.send('ready', {}, 'c9');
       assert.equal(hear().at(-1), 'live');
       assert.deepEqual([...collection.rows.values()].map(({id}) => id), ['2']);
     });
