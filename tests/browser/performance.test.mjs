// How fast the board is, and how little it needs. The figures are those of a quiet machine. On one
// that is busy elsewhere everything is late, whatever the page does: so delays are held against
// those of a bare EventSource that shows the same events in the same frames, and work is measured
// in processor time.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage} from './support/board_page.mjs';
import {Heap} from './support/heap.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

const DESKTOP = {width: 1440, height: 900};
// More at a time is noticed.
const TASK_MS = 50;

let board;

shareShop({orders: 50});

beforeEach(async () => board = await BoardPage.open(browser, ordercast.url, {viewport: DESKTOP}));

afterEach(() => board.close());

// Runs in the board: notes when each order came into the document.
function watchOrders() {
  window.boardMs = new Map();
  new MutationObserver((mutations) => {
    const nowMs = Date.now();
    for (const {addedNodes} of mutations)
      addedNodes.forEach((slot) => slot.dataset?.key && boardMs.set(slot.dataset.key, nowMs));
  }).observe(document.getElementById('lanes'), {childList: true, subtree: true});
}

// Runs in the board, beside it: what an EventSource and one element for each frame take. In the same
// page, because another one has frames and processor time of its own.
function showBarely() {
  window.bareMs = new Map();
  const element = document.body.appendChild(document.createElement('p'));
  element.hidden = true;
  const waiting = [];
  const source = new EventSource('/v1/streams/orders');
  const draw = () => {
    element.textContent = waiting.at(-1);
    const nowMs = Date.now();
    for (const key of waiting.splice(0)) bareMs.set(key, nowMs);
  };
  source.addEventListener('insert', (event) => {
    if (waiting.push(JSON.stringify(JSON.parse(event.data).key)) === 1) requestAnimationFrame(draw);
  });
  return new Promise((resolve) => source.addEventListener('hello', () => resolve()));
}

function quantile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1];
}

// Commits that many orders, each by itself, at that rate.
const trade = (count, rate) => ordercast.sql(`
    DO $$ BEGIN
      FOR i IN 1 .. ${count} LOOP
        INSERT INTO orders (merchant_id, customer_name, currency, total, note)
        VALUES (1, 'Fast', 'EUR', 1, extract(epoch FROM clock_timestamp()) * 1000);
        COMMIT;
        PERFORM pg_sleep(${1 / rate});
      END LOOP;
    END $$`);

// A page that is slow is so each time; a machine that is busy elsewhere is not.
const ROUNDS = 3;

// The least that `measure` says in some rounds; none comes after one that says enough.
async function least(measure, enough) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS && best > enough; ++round) best = Math.min(best, await measure());
  return best;
}

// At 50 events a second: the p99 from commit to screen, as a multiple of what it may be.
async function tradeForTheScreen(t) {
  const before = await ordercast.sql('SELECT max(id) FROM orders');
  await trade(200, 50);
  const committed = new Map((await ordercast.sql(`SELECT id, note FROM orders
                                   WHERE customer_name = 'Fast' AND id > ${before}`))
                                .split('\n').map((line) => line.split('|'))
                                .map(([id, note]) => [`{"id":"${id}"}`, Number(note)]));
  const [last] = [...committed.keys()].slice(-1);
  const p99 = {};
  for (const name of ['board', 'bare']) {
    await board.page.waitForFunction(([name, key]) => window[`${name}Ms`].has(key), [name, last]);
    const seen = (await board.page.evaluate((name) => [...window[`${name}Ms`]], name))
                     .filter(([key]) => committed.has(key));
    // Where frames are rare, newer orders push some out of sight before anybody could see them.
    assert.ok(seen.length >= 20, `${seen.length} orders seen`);
    const delays = seen.map(([key, atMs]) => atMs - committed.get(key));
    p99[name] = quantile(delays, 0.99);
    t.diagnostic(`${name}: commit to DOM p50 ${quantile(delays, 0.5).toFixed(0)} ms, p99 ${
        p99[name].toFixed(0)} ms of ${delays.length} orders`);
  }
  return p99.board / Math.max(100, 2 * p99.bare);
}

test('at 50 events a second an order is on the screen 100 ms after its commit', async (t) => {
  await board.page.evaluate(showBarely);
  await board.page.evaluate(watchOrders);
  const multiple = await least(() => tradeForTheScreen(t), 1);
  assert.ok(multiple <= 1, `${multiple.toFixed(1)} times as long as it may take`);
});

// The longest task of the page while `action` runs, in milliseconds of the processor.
async function longestTask(t, action) {
  await browser.startTracing(board.page, {categories: ['toplevel', 'disabled-by-default-devtools.timeline']});
  await action();
  const {traceEvents} = JSON.parse((await browser.stopTracing()).toString());
  const main = traceEvents.filter(({name, args}) => name === 'thread_name' && args.name === 'CrRendererMain')
                   .map(({pid, tid}) => `${pid} ${tid}`);
  // tdur: processor time, in microseconds.
  const tasks = traceEvents.filter(({tdur, pid, tid}) => tdur > 0 && main.includes(`${pid} ${tid}`))
                    .map(({tdur}) => tdur / 1000);
  const longest = Math.max(...tasks);
  t.diagnostic(`${tasks.length} tasks, the longest ${longest.toFixed(1)} ms of the processor`);
  assert.ok(tasks.length > 100, `${tasks.length} tasks traced`);
  return longest;
}

test('at 100 events a second no task of the page takes 50 ms of the processor', async (t) => {
  const longest = await least(() => longestTask(t, () => trade(300, 100)), TASK_MS);
  assert.ok(longest <= TASK_MS, `${longest} ms`);
});

test('10,000 orders: few of them are in the document, and scrolling finds all', async (t) => {
  await ordercast.sql(`INSERT INTO orders (merchant_id, customer_name, currency, total, status)
      SELECT 1 + i % 5, 'Bulk ' || i, 'EUR', i, (ARRAY['created', 'paid', 'packed', 'shipped'])[1 + i % 4]
        FROM generate_series(1, 10000) i`);
  await board.page.waitForFunction(
      () => /1\d,\d\d\d orders/.test(document.getElementById('summary').textContent));
  await board.page.reload();
  await board.phase('live');
  await board.page.locator('.slot').first().waitFor();
  const nodes = await board.page.evaluate(() => document.querySelectorAll('*').length);
  t.diagnostic(`${nodes} elements`);
  assert.ok(nodes < 4000, `${nodes} elements`);

  const last = await ordercast.sql(`SELECT order_number FROM orders WHERE status = 'paid'
      ORDER BY updated_at, id LIMIT 1`);
  const lane = board.page.locator('[data-lane=paid]');
  await lane.locator('.lane-scroll').evaluate((scroller) => scroller.scrollTop = 1e9);
  await lane.locator('.slot').filter({hasText: last}).waitFor();
  // Smooth is a frame that is ready in time: also while orders come and go.
  const scroll = () => lane.locator('.lane-scroll').evaluate(async (scroller) => {
    for (let top = 0; top < 100_000; top += 1000) {
      scroller.scrollTop = top;
      await new Promise(requestAnimationFrame);
    }
  });
  const longest =
      await least(() => longestTask(t, () => Promise.all([scroll(), trade(100, 50)])), TASK_MS);
  assert.ok(longest <= TASK_MS, `${longest} ms`);
  await lane.locator('.slot').first().waitFor();
  assert.ok(await board.page.evaluate(() => document.querySelectorAll('*').length) < 4000);
});

test('100,000 events leave no more than 10 MB behind', async (t) => {
  const heaps = {
    page: await Heap.ofPage(board.page),
    worker: await Heap.ofSharedWorker(browser),
  };
  const round = async (name) => {
    // Behind all others: when it is there, none is on its way.
    const last = `Behind ${name}`;
    await ordercast.sql(`UPDATE orders SET note = '${name}' WHERE customer_name LIKE 'Bulk%';
        INSERT INTO orders (merchant_id, customer_name, currency, total) VALUES (1, '${last}', 'EUR', 1)`);
    await board.page.locator('[data-lane=created] .slot').filter({hasText: last}).waitFor();
  };
  await round('warm');
  const before = {};
  for (const name in heaps) before[name] = await heaps[name].megabytes();
  for (let i = 1; i <= 10; ++i) await round(`round ${i}.`);
  for (const name in heaps) {
    const growth = await heaps[name].megabytes() - before[name];
    t.diagnostic(`heap of the ${name}: ${before[name].toFixed(1)} MB, grown by ${growth.toFixed(1)} MB`);
    assert.ok(growth <= 10, `${name}: ${growth} MB`);
  }
});
