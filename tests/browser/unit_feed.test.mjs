// The events that a Feed tells, and where it goes on after a reload.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {Feed} from '../../web/ordercast.js';

import {FakeBrowser} from './support/fake_browser.mjs';

const HELLO = {
  resumed: true,
  snapshot: false,
  heartbeat_ms: 15_000
};

let browser;
let feeds;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.install();
  feeds = [];
});

afterEach(() => {
  feeds.forEach((feed) => feed.close());
  browser.uninstall();
});

const insert = (id) => ({op: 'insert', key: {id}, row: {id}, at: 'then', seq: 1});

function start(url = 'v1/streams/orders?status=eq.paid', options = {}) {
  const heard = [];
  const feed = new Feed(url, {
    onEvent: ({event, cursor, key, data}) => heard.push(`${cursor} ${event} ${key?.id ?? data}`),
    onReset: ({reason}) => heard.push(`reset ${reason}`),
  }, options);
  feeds.push(feed);
  return {feed, hear: () => heard.splice(0)};
}

test('events come as they are, with their positions', async () => {
  const {hear} = start(undefined, {messages: ['note']});
  assert.equal(browser.query.has('last_event_id'), false);
  assert.equal(browser.query.get('status'), 'eq.paid');
  await browser.source.send('hello', HELLO, 'c0');
  await browser.source.send('insert', insert('1'), 'c1');
  await browser.source.send('delete', insert('1'), 'c2');
  await browser.source.send('note', {op: 'message', data: 'closing', seq: 2}, 'c3');
  await browser.source.send('reset', {reason: 'truncate'}, 'c4');
  await browser.source.send('ready', {}, 'c5');
  assert.deepEqual(hear(), ['c1 insert 1', 'c2 delete 1', 'c3 note closing', 'reset truncate']);
});

test('after a reload it goes on behind the last event, also one of which it tells nothing',
     async () => {
       const before = start();
       await browser.source.send('hello', HELLO, 'c0');
       await browser.source.send('insert', insert('1'), 'c1');
       assert.equal(before.feed.cursor, 'c1');
       await browser.source.send('heartbeat', {}, 'c2');
       await browser.happens('pagehide');
       assert.equal(browser.source.readyState, 2);

       const {feed} = start();
       assert.equal(feed.cursor, 'c2');
       assert.equal(browser.query.get('last_event_id'), 'c2');
     });

test('an event counts once its listener has returned', async () => {
  const seen = [];
  const feed = new Feed('v1/streams/orders', {onEvent: () => seen.push(feed.cursor)});
  feeds.push(feed);
  await browser.source.send('hello', HELLO, 'c0');
  await browser.source.send('insert', insert('1'), 'c1');
  assert.deepEqual(seen, ['c0']);
  assert.equal(feed.cursor, 'c1');
});

test('other URLs have other positions', async () => {
  start();
  await browser.source.send('hello', HELLO, 'c0');
  start('v1/streams/orders?status=eq.new');
  assert.equal(browser.query.has('last_event_id'), false);
});

test('a position in the URL is where it begins, not where it goes on', async () => {
  start('v1/streams/orders?last_event_id=earliest');
  assert.equal(browser.query.get('last_event_id'), 'earliest');
  await browser.source.send('hello', HELLO, 'c0');
  start('v1/streams/orders?last_event_id=earliest');
  assert.equal(browser.query.get('last_event_id'), 'c0');
});

test('a browser that keeps nothing does not matter before the reload', async () => {
  Object.defineProperty(globalThis, 'sessionStorage', {
    configurable: true,
    get() { throw new Error('SecurityError'); },
  });
  const {feed, hear} = start();
  await browser.source.send('hello', HELLO, 'c0');
  await browser.source.send('insert', insert('1'), 'c1');
  assert.deepEqual(hear(), ['c1 insert 1']);
  assert.equal(feed.cursor, 'c1');
});

test('a listener that closes its feed has closed it', async () => {
  const feed = new Feed('v1/streams/orders', {onEvent: () => feed.close()});
  await browser.source.send('hello', HELLO, 'c0');
  await browser.source.send('insert', insert('1'), 'c1');
  assert.equal(feed.status.phase, 'closed');
});

test('nothing is told in the constructor, nor after close()', async () => {
  const statuses = [];
  const feed = new Feed('v1/streams/orders', {onStatus: (status) => statuses.push(status)});
  assert.deepEqual(statuses, []);
  feed.close();
  await browser.source.send('hello', HELLO, 'c0');
  await browser.pass(600_000);
  assert.deepEqual(statuses, []);
  assert.equal(feed.status.phase, 'closed');
  assert.equal(browser.sources.length, 1);
});
