// The board in a real Firefox: the other engine shows the same orders and takes the same steps.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {insertOrder} from './support/board_page.mjs';
import {launchFirefox} from './support/firefox.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

shareShop({}, {launch: launchFirefox});

test('Firefox shows an order as it comes, and moves it', async () => {
  const page = await (await browser.newContext()).newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(ordercast.url);
  await page.waitForSelector('#pill[data-phase=live]');
  const id = await insertOrder(ordercast, {customer_name: 'Fuchs'});
  const slot = `.slot[data-key='{"id":"${id}"}']`;
  await page.waitForSelector(`[data-lane=created] ${slot}`);
  // In its place, and not only in the document.
  const box = await page.$eval(slot, (element) => element.getBoundingClientRect().toJSON());
  const head = await page.$eval('[data-lane=created] .lane-head', (element) => element.getBoundingClientRect().toJSON());
  assert.ok(box.top >= head.bottom - 1 && box.height > 60 && box.width > 100, JSON.stringify(box));
  await page.$eval(`${slot} [data-action=step]`, (button) => button.click());
  await page.waitForSelector(`[data-lane=paid] ${slot}`);
  await page.waitForFunction(() => !document.querySelector('.card[aria-busy]'));
  assert.equal(await ordercast.sql(`SELECT status FROM orders WHERE id = ${id}`), 'paid');
  assert.deepEqual(problems, []);
});
