// What the board says of its connection, in each state that it can be in, and what stands on it
// then.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {eventually} from './support/eventually.mjs';
import {FaultyProxy} from './support/faulty_proxy.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

// What Chromium says on the console about requests that the tests make fail.
const FAILED_REQUEST = /net::ERR_|502 \(Bad Gateway\)/;
const ORDERS = 300;
// Of a stream: the greeting and some of its rows, far from all.
const SOME_ROWS_BYTES = 60_000;

let proxy;
let board;

shareShop({orders: ORDERS});

beforeEach(async () => {
  proxy = await FaultyProxy.start(ordercast.url);
  board = await BoardPage.create(browser);
});

afterEach(async () => {
  await board.close({expected: FAILED_REQUEST});
  await proxy.close();
});

// Until its orders are drawn, which is a frame after it is live.
async function open() {
  await board.page.goto(proxy.url);
  await board.phase('live');
  await board.page.locator('.slot').first().waitFor();
}

const pillSays = (text) => board.page.locator('#pill').filter({hasText: text}).waitFor();
const summarySays = (text) => board.page.locator('#summary').filter({hasText: text}).waitFor();
const busy = () => board.page.locator('#board[aria-busy=true]').waitFor();

test('connecting: nothing is there yet, and the lanes show that something will be', async () => {
  proxy.hold(0);
  await board.page.goto(proxy.url);
  await pillSays(/^\s*Connecting\s*$/);
  await busy();
  await board.page.locator('.lane-skeleton').first().waitFor();
  proxy.flow();
  await board.phase('live');
});

test('catching up: how many orders have come so far', async () => {
  proxy.hold(SOME_ROWS_BYTES);
  await board.page.goto(proxy.url);
  await pillSays(/Catching up\s+\d+/);
  await summarySays(/^Loading \d+…$/);
  await busy();
  assert.deepEqual(await board.lines(), []);
  proxy.flow();
  await board.phase('live');
  await summarySays(`${ORDERS} orders`);
});

test('live: how old the last change is', async () => {
  const nowMs = Date.now();
  await board.page.clock.setFixedTime(nowMs);
  await open();
  await pillSays(/Live\s+no change yet/);
  await insertOrder(ordercast);
  await pillSays(/Live\s+changed just now/);
  await board.page.clock.setFixedTime(nowMs + 20_000);
  await pillSays(/Live\s+last change 20s ago/);
});

test('reconnecting: in how many seconds, and of when the orders are', async () => {
  await open();
  const lines = await board.lines();
  proxy.refuse(502);
  await pillSays(/Reconnecting\s+in \d+ s · as of \d\d:\d\d/);
  assert.deepEqual(await board.lines(), lines);
  proxy.relay();
  await board.phase('live');
});

test('offline: the browser says that it has no network', async () => {
  await board.withoutWorker();
  await open();
  await board.page.context().setOffline(true);
  await pillSays(/Offline.*as of \d\d:\d\d/s);
  await board.page.context().setOffline(false);
  await board.phase('live');
});

test('stale: since when the server has lost its database, and the orders stay', async () => {
  await open();
  const lines = await board.lines();
  await ordercast.shutDatabase();
  try {
    await pillSays(/Stale\s+since \d\d:\d\d/);
    assert.deepEqual(await board.lines(), lines);
  } finally {
    await ordercast.openDatabase();
  }
  await board.phase('live');
  await board.row(await insertOrder(ordercast)).waitFor();
});

test('stale from the beginning: the board says why, and begins when the database is back', async () => {
  await ordercast.shutDatabase();
  try {
    await eventually(async () => (await fetch(`${ordercast.url}/readyz`)).status === 503);
    await board.page.goto(proxy.url);
    await pillSays(/Stale\s+since \d\d:\d\d/);
    await board.page.getByRole('heading', {name: 'The database cannot be reached'}).waitFor();
    assert.deepEqual(await board.lines(), []);
  } finally {
    await ordercast.openDatabase();
  }
  await board.phase('live');
  await summarySays(`${await ordercast.sql('SELECT count(*) FROM orders')} orders`);
});

test('signed out: the orders are gone, and a token is asked for', async () => {
  await open();
  proxy.refuse(401);
  await pillSays(/^\s*Signed out\s*$/);
  await board.page.getByRole('heading', {name: 'Sign in to see the orders'}).waitFor();
  await board.page.getByText('Ask whoever runs this Ordercast for an access token.').waitFor();
  await board.page.getByLabel('Access token').waitFor();
  assert.deepEqual(await board.lines(), []);
  board.problems = board.problems.filter((problem) => !/401 \(Unauthorized\)/.test(problem));
});

test('closed: the server will not answer that question, and says why', async () => {
  await board.page.goto(`${proxy.url}/?q=x`);
  await board.phase('live');
  await ordercast.sql('ALTER TABLE orders RENAME COLUMN note TO remark');
  try {
    await board.page.reload();
    await pillSays(/^\s*Closed\s*$/);
    await board.page.getByText('there is no column \'note\'').waitFor();
  } finally {
    await ordercast.sql('ALTER TABLE orders RENAME COLUMN remark TO note');
  }
  board.problems = board.problems.filter((problem) => !/400 \(Bad Request\)/.test(problem));
});
