// Tabs without a SharedWorker: one of them has the connection, and the others are told all of it.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {Collection} from '../../web/ordercast.js';

import {FakeBrowser} from './support/fake_browser.mjs';
import {failingSharedWorker, FakeLocks, fakeBroadcastChannels} from './support/fake_tabs.mjs';

const SNAPSHOT = {
  resumed: false,
  snapshot: true,
  heartbeat_ms: 15_000
};

let browser;
let tabs;
let before;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.navigator.locks = new FakeLocks();
  browser.install();
  before = globalThis.BroadcastChannel;
  globalThis.BroadcastChannel = fakeBroadcastChannels();
  tabs = [];
});

afterEach(async () => {
  tabs.forEach(({close}) => close());
  await browser.settle();
  browser.uninstall();
  globalThis.BroadcastChannel = before;
  delete globalThis.SharedWorker;
});

function openTab() {
  const heard = [];
  const tab = new Collection('v1/streams/orders', {
    onInsert: ({id}) => heard.push(`insert ${id}`),
    onReset: (rows) => heard.push(`rows ${[...rows.keys()]}`),
  });
  tabs.push(tab);
  return {close: tab.close, reconnect: tab.reconnect, tab, hear: () => heard.splice(0)};
}

const insert = (id, cursor) =>
    browser.source.send('insert', {op: 'insert', key: {id}, row: {id}, seq: 1}, cursor);

async function whole(...ids) {
  await browser.source.send('hello', SNAPSHOT);
  for (const id of ids) await insert(id);
  await browser.source.send('ready', {}, 'c0');
}

test('tabs that are opened at the same moment have one connection, and hear each change once',
     async () => {
       const opened = [openTab(), openTab(), openTab()];
       await browser.settle();
       assert.equal(browser.sources.length, 1);
       await whole('1');
       await insert('2', 'c1');
       for (const {hear, tab} of opened) {
         assert.deepEqual(hear(), ['rows {"id":"1"}', 'insert {"id":"2"}']);
         assert.equal(tab.status.phase, 'live');
       }
       const late = openTab();
       await browser.settle();
       assert.deepEqual(late.hear(), ['rows {"id":"1"},{"id":"2"}']);
     });

test('when the tab with the connection goes, the next one has it, and all have the rows anew',
     async () => {
       const [first, second, third] = [openTab(), openTab(), openTab()];
       await browser.settle();
       await whole('1');
       second.hear();
       third.hear();
       first.close();
       await browser.settle();
       assert.equal(browser.sources.length, 2);
       assert.equal(browser.sources[0].readyState, 2);
       await whole('1', '2');
       for (const {hear} of [second, third])
         assert.deepEqual(hear(), ['rows {"id":"1"},{"id":"2"}']);
     });

test('a tab that has gone never gets the connection', async () => {
  const [first, second, third] = [openTab(), openTab(), openTab()];
  await browser.settle();
  second.close();
  first.close();
  await browser.settle();
  assert.equal(browser.sources.length, 2);
  await whole('1');
  assert.deepEqual(third.hear(), ['rows {"id":"1"}']);
  assert.deepEqual(second.hear(), []);
});

test('any tab can ask for another try', async () => {
  const [, second] = [openTab(), openTab()];
  await browser.settle();
  second.reconnect();
  await browser.settle();
  assert.equal(browser.sources.length, 2);
});

test('a SharedWorker whose script does not load, or that has no EventSource, is done without',
     async () => {
       const failures =
           [(worker) => worker.onerror(), (worker) => worker.port.onmessage({data: null})];
       for (const fail of failures) {
         const asked = browser.sources.length;
         globalThis.SharedWorker = failingSharedWorker(fail);
         const {tab, hear} = openTab();
         await browser.settle();
         assert.equal(browser.sources.length, asked + 1);
         await whole('1');
         assert.deepEqual(hear(), ['rows {"id":"1"}']);
         tab.close();
         await browser.settle();
         assert.equal(browser.source.readyState, 2);
       }
     });

test('a tab that went before its worker failed asks for nothing', async () => {
  globalThis.SharedWorker = failingSharedWorker((worker) => worker.onerror());
  openTab().close();
  await browser.settle();
  assert.equal(browser.sources.length, 0);
});
