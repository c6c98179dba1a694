// The board in a real Chromium, on a real Ordercast and PostgreSQL: what psql commits is what the
// page shows.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder, LABELS} from './support/board_page.mjs';
import {eventually} from './support/eventually.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

let board;

shareShop();

beforeEach(async () => {
  board = await BoardPage.open(browser, ordercast.url);
  await board.watchFlashes();
});

afterEach(() => board.close());

test('the board shows the table, the last change of each lane first', async () => {
  await board.equalsTable(ordercast);
  assert.ok((await board.lines()).length > 0);
});

test('an inserted order appears at the top of its lane and flashes', async () => {
  const id = await insertOrder(ordercast, {
    customer_name: 'Mei Tanaka',
    total: '1234.50',
    note: 'Ring twice',
    items: JSON.stringify([
      {sku: 'A', name: 'Espresso', qty: 2, price: 3.5}, {sku: 'B', name: 'Cake', qty: 1, price: 4}
    ]),
  });
  await board.says(id, {
    customer: 'Mei Tanaka',
    merchant: '云间茶舍',
    items: '2 × Espresso, Cake',
    note: 'Ring twice',
    status: 'New',
    amount: '€1,234.50',
  });
  assert.match(await board.flashed(id), /^flash-/);
  await board.equalsTable(ordercast);
});

test('a merchant who was added after the page was opened has a name, too', async () => {
  await ordercast.sql(`INSERT INTO shop.merchants VALUES (6, 'Late Market', 'LM', 'EUR')`);
  const id = await insertOrder(ordercast, {merchant_id: '6'});
  await board.says(id, {merchant: 'Late Market'});
  await board.page.getByLabel('Merchant').selectOption({label: 'Late Market'});
});

test('a server that does not say what there is is asked again, and no order waits for it', async () => {
  await board.useClock();
  await board.page.goto('about:blank');  // the page that is open may still be asking
  let asked = 0;
  await board.page.route('**/v1/streams', (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
  });
  await board.page.goto(ordercast.url);
  const id = await insertOrder(ordercast);
  await board.says(id, {merchant: 'Merchant 1'});
  await eventually(() => asked === 1);
  // In steps so small that the next question is not given up, too.
  await eventually(async () => {
    await board.page.clock.fastForward(1000);
    return asked > 1;
  });
  await board.says(id, {merchant: '云间茶舍'});
});

test('a merchant who is renamed while the page is open has the new name after a while', async () => {
  await board.page.clock.install();
  await board.page.reload();
  const id = await insertOrder(ordercast, {merchant_id: '2'});
  await board.says(id, {merchant: 'Harbour Books'});
  await ordercast.sql(`UPDATE shop.merchants SET name = 'Harbour Reads' WHERE id = 2`);
  await board.page.clock.fastForward(600_000);
  await board.says(id, {merchant: 'Harbour Reads'});
});

test('an update moves the order to its lane, and flashes each time', async () => {
  const id = await insertOrder(ordercast);
  await board.flashed(id);
  for (const status of ['paid', 'packed', 'cancelled']) {
    await ordercast.sql(`UPDATE orders SET status = '${status}' WHERE id = ${id}`);
    await board.isIn(id, status);
    await board.says(id, {status: LABELS[status]});
    await board.flashed(id);
  }
  assert.equal(await board.place(id).count(), 1);
  await board.equalsTable(ordercast);
});

test('a deleted order goes, and a rolled-back one never comes', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  await ordercast.sql(`BEGIN; INSERT INTO orders (merchant_id, customer_name, currency, total)
      VALUES (1, 'Nobody', 'EUR', 1); ROLLBACK; DELETE FROM orders WHERE id = ${id};`);
  await board.row(id).waitFor({state: 'detached'});
  await board.equalsTable(ordercast);
  assert.equal(await board.page.getByText('Nobody').count(), 0);
});

test('the rows of the snapshot do not flash', async () => {
  await board.page.addInitScript(() => {
    window.flashes = 0;
    document.addEventListener(
        'animationstart', (event) => event.target.closest('.slot') && window.flashes++, true);
  });
  await board.page.reload();
  await board.page.locator('.slot').first().waitFor();
  assert.equal(await board.page.evaluate(() => window.flashes), 0);
  await insertOrder(ordercast);
  await board.page.waitForFunction(() => window.flashes > 0);
});

test('with reduced motion a changed order is marked without fading or sliding', async () => {
  await board.page.emulateMedia({reducedMotion: 'reduce'});
  const id = await insertOrder(ordercast);
  assert.match(await board.flashed(id), /^mark-/);
  assert.equal(
      await board.row(id).evaluate((slot) => getComputedStyle(slot).transitionDuration), '0s');
});

test('cards do not move under the pointer: new orders wait, changes show in place', async () => {
  const hovered = await insertOrder(ordercast);
  await board.row(hovered).hover();
  const lane = board.page.locator('[data-lane=created]');
  const spot = await lane.locator(`.slot`).first().boundingBox();

  const fresh = await insertOrder(ordercast);
  const button = lane.getByRole('button', {name: '1 new'});
  await button.waitFor();
  await ordercast.sql(`UPDATE orders SET note = 'Changed' WHERE id = ${hovered}`);
  await board.says(hovered, {note: 'Changed'});
  await ordercast.sql(`UPDATE orders SET status = 'paid' WHERE id = ${hovered}`);
  await board.isIn(hovered, 'paid');
  await lane.locator('[data-retired]').waitFor();
  assert.deepEqual(await lane.locator('.slot').first().boundingBox(), spot);
  assert.equal(await board.row(fresh).count(), 0);

  // On its way to the button, too: that would go, and the click meet the card below it.
  await button.hover();
  const another = await insertOrder(ordercast);
  await lane.getByRole('button', {name: '2 new'}).click();
  await board.row(fresh).waitFor();
  await board.row(another).waitFor();
  await lane.locator('[data-retired]').waitFor({state: 'detached'});
  await lane.locator('[data-part=fresh]').waitFor({state: 'hidden'});
});

test('the pointer leaves: what waited comes in', async () => {
  await board.page.locator('[data-lane=created] .slot').nth(0).hover();
  const id = await insertOrder(ordercast);
  await board.page.getByRole('button', {name: '1 new'}).waitFor();
  await board.page.mouse.move(0, 0);
  await board.row(id).waitFor();
  await board.equalsTable(ordercast);
});

test('an order that is gone and only then comes into sight is there as it was, faded', async () => {
  await board.page.setViewportSize({width: 1600, height: 500});
  const last = await ordercast.sql(
      `SELECT id FROM orders WHERE status = 'created' ORDER BY updated_at, id LIMIT 1`);
  await ordercast.sql(`INSERT INTO orders (merchant_id, customer_name, currency, total)
      SELECT 1, 'Crowd', 'EUR', 1 FROM generate_series(1, 30)`);
  try {
    const lane = board.page.locator('[data-lane=created]');
    const counts = (count) =>
        lane.locator('[data-part=count]').filter({hasText: new RegExp(`^${count}$`)}).waitFor();
    const count = await ordercast.sql(`SELECT count(*) FROM orders WHERE status = 'created'`);
    // All have come before the lane is held: later ones would wait, and be counted as new.
    await counts(count);
    await lane.locator('.slot').filter({hasText: 'Crowd'}).first().hover();
    await board.place(last).waitFor({state: 'detached'});
    await ordercast.sql(`DELETE FROM orders WHERE id = ${last}`);
    await counts(count - 1);
    await board.page.mouse.wheel(0, 100_000);
    await board.place(last).getByText('gone').waitFor();
    await insertOrder(ordercast, {customer_name: 'Crowd'});
    await lane.getByRole('button', {name: '1 new'}).waitFor();
  } finally {
    await ordercast.sql(`DELETE FROM orders WHERE customer_name = 'Crowd'`);
  }
});

test('a pointer that somebody left over a lane does not stop it for ever', async () => {
  await board.page.clock.install();
  await board.page.reload();
  await board.phase('live');
  await board.page.locator('[data-lane=created] .slot').first().hover();
  const id = await insertOrder(ordercast);
  await board.page.getByRole('button', {name: '1 new'}).waitFor();
  assert.equal(await board.row(id).count(), 0);
  await board.page.clock.fastForward(31_000);
  await board.row(id).waitFor();
});

test('a paused board stands still and counts; resumed, it is the table', async () => {
  const changed = await insertOrder(ordercast);
  await board.row(changed).waitFor();
  await board.page.keyboard.press('p');
  const before = await board.lines();
  await ordercast.sql(`UPDATE orders SET status = 'paid' WHERE id = ${changed}`);
  const insert = `INSERT INTO orders (merchant_id, customer_name, currency, total)
      VALUES (1, 'Waits', 'EUR', 1);`;
  await ordercast.sql(insert.repeat(12));
  await board.page.getByRole('button', {name: 'Resume, 12 new'}).waitFor();
  assert.deepEqual(await board.lines(), before);
  await board.page.getByRole('button', {name: 'Resume, 12 new'}).click();
  await board.page.mouse.move(0, 0);
  await board.equalsTable(ordercast);
  await board.page.getByRole('button', {name: 'Pause', exact: true}).waitFor();
});

test('a button that has copied says so for a while, however often it was pressed', async () => {
  await board.page.clock.install();
  await board.page.reload();
  await board.page.keyboard.press('i');
  // Time stands still: the while is over when the test says so.
  await board.page.clock.pauseAt(Date.now() + 10_000);
  const button = board.page.locator('.drawer-actions [data-copy=""]');
  await button.evaluate((button) => {
    navigator.clipboard.writeText = async () => {};
    button.click();
    button.click();
  });
  await button.filter({hasText: 'Copied'}).waitFor();
  await board.page.clock.runFor(3000);
  assert.equal(await button.textContent(), 'Copy as curl');
});

test('a new order rings, once the user has switched the sound on, and never when muted', async () => {
  await board.page.evaluate(() => {
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function(...when) {
      window.tones += 1;
      return start.apply(this, when);
    };
  });
  const tones = () => board.page.evaluate(() => window.tones);
  await board.row(await insertOrder(ordercast)).waitFor();
  assert.equal(await tones(), 0);
  await board.page.getByRole('button', {name: 'Sound is off'}).click();
  await board.page.waitForFunction(() => window.tones === 2);  // how it sounds
  await insertOrder(ordercast);
  await board.page.waitForFunction(() => window.tones === 4);
  await board.page.keyboard.press('m');
  await board.row(await insertOrder(ordercast)).waitFor();
  assert.equal(await tones(), 4);
});

test('the inspector shows the frames of the wire, and how to have them in a terminal', async () => {
  await board.page.keyboard.press('i');
  const frames = board.page.locator('.frame');
  await frames.filter({hasText: 'hello'}).waitFor();
  const id = await insertOrder(ordercast, {customer_name: 'Raw Frame'});
  const frame = frames.filter({hasText: 'insert'}).first();
  await frame.locator('summary').click();
  const text = await frame.locator('pre').textContent();
  const cursor = await frame.locator('code').textContent();
  assert.match(text, new RegExp(`^id: ${cursor}\nevent: insert\ndata: {"op":"insert","key":{"id":"${id}"}`));
  await frame.getByRole('button').click();
  const url = new URL('/v1/streams/orders', ordercast.url).href;
  assert.equal(
      await board.page.locator('#inspector [data-part=command]').textContent(),
      `curl -N '${url}' -H 'Last-Event-ID: ${cursor}'`);
  await board.page.locator('#inspector').getByRole('button', {name: 'Close'}).click();
  await board.page.locator('#inspector').waitFor({state: 'hidden'});
});

test('everything can be done from the keyboard', async () => {
  const first = await insertOrder(ordercast, {customer_name: 'Second'});
  const second = await insertOrder(ordercast, {customer_name: 'First'});
  await board.row(second).waitFor();
  const focused = () => board.page.evaluate(
      () => document.activeElement.closest('.slot')?.querySelector('[data-part=customer]').textContent);
  await board.page.keyboard.press('j');
  assert.equal(await focused(), 'First');
  await board.page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'Second');
  await board.page.keyboard.press('a');
  await board.isIn(first, 'paid');
  assert.equal(await focused(), 'Second');
  await board.page.keyboard.press('k');
  await board.page.keyboard.press('x');
  await board.page.keyboard.press('x');
  await board.isIn(second, 'cancelled');
  await board.page.keyboard.press('l');
  assert.equal(await focused(), 'Second');
  await board.page.keyboard.press('/');
  assert.equal(await board.page.evaluate(() => document.activeElement.id), 'search');
  await board.page.keyboard.press('Escape');
  await board.page.keyboard.press('?');
  await board.page.getByRole('dialog', {name: 'Settings and shortcuts'}).waitFor();
  await board.page.keyboard.press('Escape');
  await board.page.getByRole('dialog').waitFor({state: 'hidden'});
});

test('the focus goes with its order, and is not lost with a button', async () => {
  await board.page.clock.install();
  await board.page.reload();
  const id = await insertOrder(ordercast);
  await board.row(await insertOrder(ordercast)).waitFor();
  await board.row(id).waitFor();
  const focused =
      () => board.page.evaluate(() => document.activeElement.closest('.slot')?.dataset.key);
  const key = `{"id":"${id}"}`;
  await board.page.keyboard.press('j');
  await board.page.keyboard.press('j');
  assert.equal(await focused(), key);
  // Nobody has touched the lane for so long that it moves again.
  await board.page.clock.fastForward(31_000);
  await ordercast.sql(`UPDATE orders SET note = 'To the head' WHERE id = ${id}`);
  await board.page.locator('[data-lane=created] .slot').first().filter({hasText: 'To the head'}).waitFor();
  assert.equal(await focused(), key);
  await board.page.keyboard.press('Tab');
  await board.page.keyboard.press('Enter');
  await board.isIn(id, 'paid');
  assert.equal(await focused(), key);
});

test('each lane is one stop of the Tab key', async () => {
  await board.page.locator('[data-lane=created] .slot').first().waitFor();
  const reached = [];
  for (let i = 0; i < 12; ++i) {
    await board.page.keyboard.press('Tab');
    reached.push(await board.page.evaluate(() => {
      const element = document.activeElement;
      return element.matches('.card') ? element.closest('.lane').dataset.lane :
                                        element.id || element.dataset.part || element.className;
    }));
  }
  assert.deepEqual(reached, [
    'skip', 'pause', 'sound', 'inspect', 'open-menu', 'search', 'merchant', 'status', 'sort',
    'created', 'step', 'cancel'
  ]);
});

test('language and appearance change in place, and are remembered', async () => {
  const late = await insertOrder(ordercast, {created_at: '2020-01-01T00:00:00Z'});
  await board.says(late, {ageHint: 'late'});
  await board.page.keyboard.press('?');
  await board.page.getByRole('radio', {name: '中文'}).check();
  await board.page.getByRole('radio', {name: '深色'}).check();
  await board.page.keyboard.press('Escape');
  const seen = () => board.page.evaluate(() => ({
    lang: document.documentElement.lang,
    scheme: getComputedStyle(document.documentElement).colorScheme,
    lane: document.querySelector('.lane h2').textContent,
    title: document.title,
  }));
  const expected = {lang: 'zh-CN', scheme: 'dark', lane: '新订单', title: '订单 · Ordercast'};
  assert.deepEqual(await seen(), expected);
  await board.says(late, {ageHint: '已超时'});
  await board.page.reload();
  await board.phase('live');
  assert.deepEqual(await seen(), expected);
});

test('how long an order waits is told by the clock of the database', async () => {
  await board.page.clock.install({time: Date.now() - 600_000});
  await board.page.reload();
  const created = new Date(Date.now() - 310_000).toISOString();
  const id = await insertOrder(ordercast, {created_at: created});
  await board.says(id, {age: '5m', ageHint: 'waits long'});
});

test('TRUNCATE empties the board, and it goes on', async () => {
  await ordercast.sql('TRUNCATE orders');
  await board.page.getByRole('heading', {name: 'No orders yet'}).waitFor();
  assert.deepEqual(await board.lines(), []);
  await board.row(await insertOrder(ordercast)).waitFor();
  await board.equalsTable(ordercast);
});
