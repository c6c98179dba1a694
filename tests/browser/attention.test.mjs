// How the board calls somebody who does not look at it: by a chime, by the system's notifications,
// and, on a wall, by a screen that stays on. Never before the user has said so.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {eventually} from './support/eventually.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

let board;

shareShop({orders: 0});

beforeEach(async () => {
  board = await BoardPage.create(browser);
  await board.page.addInitScript(record);
});

afterEach(() => board.close());

// Runs in the page before the board does: notes what it asks of the browser, and stands in for what
// a test without a screen does not have: a user who says yes, a window that is covered.
function record() {
  window.asked = [];
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function(...when) {
    window.tones += 1;
    return start.apply(this, when);
  };
  window.AudioContext = class extends AudioContext {
    constructor() {
      super();
      window.audio = this;
    }
  };
  window.Notification = class {
    static permission = sessionStorage.permission ?? 'default';
    static async requestPermission() {
      window.asked.push('permission');
      return Notification.permission = sessionStorage.permission = sessionStorage.answer ?? 'granted';
    }
    constructor(title, {tag} = {}) {
      if (sessionStorage.isForWorkers) throw new TypeError('Illegal constructor');
      if (Notification.permission === 'granted') window.asked.push(`${tag}: ${title}`);
    }
    close() {}
  };
  WakeLock.prototype.request = async (type) => window.asked.push(`awake: ${type}`);
  let hidden = false;
  Object.defineProperty(document, 'hidden', {get: () => hidden});
  window.cover = (isCovered) => {
    hidden = isCovered;
    document.dispatchEvent(new Event('visibilitychange'));
  };
}

async function open(query = '') {
  await board.page.goto(`${ordercast.url}/${query}`);
  await board.phase('live');
}

const asked = () => board.page.evaluate(() => window.asked);
const cover = (isCovered) => board.page.evaluate((isCovered) => window.cover(isCovered), isCovered);
const rings = (tones) => board.page.waitForFunction((tones) => window.tones === tones, tones);
async function allowNotifications() {
  await board.page.keyboard.press('?');
  await board.page.getByRole('checkbox', {name: /^Notify me/}).click();
  await board.page.keyboard.press('Escape');
}

test('nobody is asked for the permission to notify before he wants that', async () => {
  await open();
  await cover(true);
  await insertOrder(ordercast);
  await cover(false);
  await board.row(await insertOrder(ordercast)).waitFor();
  assert.deepEqual(await asked(), []);
  await allowNotifications();
  assert.deepEqual(await asked(), ['permission']);
});

test('new orders are notified of while the page is hidden, and only then', async () => {
  await open();
  await allowNotifications();
  const visible = await insertOrder(ordercast);
  await board.row(visible).waitFor();
  assert.deepEqual(await asked(), ['permission']);
  await cover(true);
  await ordercast.sql(`UPDATE orders SET note = 'No news' WHERE id = ${visible}`);
  await insertOrder(ordercast);
  await board.page.waitForFunction(() => window.asked.length > 1);
  assert.deepEqual(await asked(), ['permission', 'ordercast-new-orders: 1 new order']);
});

test('what came while the page was hidden says nothing of how fast it came', async () => {
  await board.page.clock.install();
  await open();
  await allowNotifications();
  // A hidden page has no frames.
  await board.page.evaluate(() => {
    window.frames = [];
    window.draw = window.requestAnimationFrame;
    window.requestAnimationFrame = (draw) => window.frames.push(draw);
    window.cover(true);
  });
  await insertOrder(ordercast);
  await eventually(async () => (await asked()).length === 2, asked);
  await board.page.clock.setSystemTime(Date.now() + 3_600_000);
  await board.page.evaluate(() => {
    window.cover(false);
    window.requestAnimationFrame = window.draw;
    window.frames.forEach((draw) => requestAnimationFrame(draw));
  });
  // Another one comes that is counted, but is no measure either: the board is paused.
  await board.page.keyboard.press('p');
  await insertOrder(ordercast);
  await board.page.locator('#stat-rate canvas[aria-label*="at most 1"]').waitFor();
  assert.equal(await board.page.locator('#stat-latency [data-part=more]').textContent(), '—');
});

test('many orders at once are one notification, the next one later tells of all', async () => {
  await board.page.clock.install();
  await open();
  await allowNotifications();
  await cover(true);
  const insert = `INSERT INTO orders (merchant_id, customer_name, currency, total)
      VALUES (1, 'Many', 'EUR', 1);`;
  await ordercast.sql(insert);
  await board.page.waitForFunction(() => window.asked.length === 2);
  await ordercast.sql(`BEGIN; ${insert.repeat(6)} COMMIT`);
  await board.page.locator('.slot').filter({hasText: 'Many'}).nth(6).waitFor();
  await board.page.clock.runFor(11_000);
  await board.page.waitForFunction(() => window.asked.length === 3);
  assert.deepEqual((await asked()).slice(1), [
    'ordercast-new-orders: 1 new order', 'ordercast-new-orders: 7 new orders'
  ]);
});

test('a user who says no is told how it stands, and is not asked again', async () => {
  await board.page.addInitScript(() => sessionStorage.answer = 'denied');
  await open();
  await allowNotifications();
  await board.page.keyboard.press('?');
  await board.page.getByText('The browser has blocked notifications for this page.').waitFor();
  assert.ok(await board.page.getByRole('checkbox', {name: /^Notify me/}).isDisabled());
  await board.page.keyboard.press('Escape');
  await cover(true);
  await insertOrder(ordercast);
  await cover(false);
  await board.row(await insertOrder(ordercast)).waitFor();
  assert.deepEqual(await asked(), ['permission']);
});

test('a browser whose pages have no notifications is not asked for them', async () => {
  await board.page.addInitScript(() => sessionStorage.isForWorkers = 'yes');
  await open();
  await board.page.keyboard.press('?');
  await board.page.getByRole('dialog').waitFor();
  assert.equal(await board.page.getByRole('checkbox', {name: /^Notify me/}).count(), 0);
  assert.deepEqual(await asked(), []);
});

test('a notification that the browser refuses is the last, and the board goes on', async () => {
  await board.page.clock.install();
  await board.page.addInitScript(() => {
    Object.assign(sessionStorage, {isForWorkers: 'yes', permission: 'granted'});
    localStorage['ordercast.board.notify'] = 'on';
  });
  await open();
  await board.page.getByRole('button', {name: 'Sound is off'}).click();
  await rings(2);  // how it sounds
  await cover(true);
  await insertOrder(ordercast);
  await rings(4);
  await board.page.clock.runFor(11_000);
  await cover(false);
  await board.row(await insertOrder(ordercast)).waitFor();
  await board.page.keyboard.press('?');
  await board.page.getByRole('dialog').waitFor();
  assert.equal(await board.page.getByRole('checkbox', {name: /^Notify me/}).count(), 0);
});

test('a sound that was switched on before waits for the first touch of the page', async () => {
  await board.page.addInitScript(() => localStorage['ordercast.board.sound'] = 'on');
  await open();
  await board.page.getByRole('button', {name: 'Sound is on', pressed: true}).waitFor();
  await board.row(await insertOrder(ordercast)).waitFor();
  assert.equal(await board.page.evaluate(() => window.tones), 0);
  await board.page.mouse.click(1, 1);
  await board.page.waitForFunction(() => window.audio?.state === 'running');
  const loud = await insertOrder(ordercast);
  await rings(2);
  await board.row(loud).waitFor();
  await board.page.keyboard.press('m');
  await board.page.getByRole('button', {name: 'Sound is off', pressed: false}).waitFor();
  await board.row(await insertOrder(ordercast)).waitFor();
  await rings(2);
});

test('a shop that sells by the second does not ring without a pause', async () => {
  await open();
  await board.page.getByRole('button', {name: 'Sound is off'}).click();
  await rings(2);  // how it sounds
  const insert = `INSERT INTO orders (merchant_id, customer_name, currency, total)
      VALUES (1, 'Fast', 'EUR', 1);`;
  await ordercast.sql(`BEGIN; ${insert.repeat(20)} COMMIT`);
  await board.page.locator('.slot').filter({hasText: 'Fast'}).first().waitFor();
  await rings(4);
});

test('a board on the wall keeps its screen on, again after it was covered', async () => {
  await open('?wall');
  assert.deepEqual(await asked(), ['awake: screen']);
  await cover(true);
  assert.deepEqual(await asked(), ['awake: screen']);
  await cover(false);
  assert.deepEqual(await asked(), ['awake: screen', 'awake: screen']);
});

test('a board on a desk leaves the screen to its owner', async () => {
  await open();
  await cover(true);
  await cover(false);
  assert.deepEqual(await asked(), []);
});
