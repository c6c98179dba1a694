// Whoever cannot see the board, or not well, has it too: axe-core finds nothing serious in any
// language and appearance, and a screen reader is told what happens, but not all the time.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const DESKTOP = {width: 1440, height: 900};

shareShop({orders: 60});

// Waits until nothing fades any more: axe measures colours as they are at that moment.
const settled = (page) =>
    page.waitForFunction(() => document.getAnimations().every(
                             ({playState, effect}) => playState !== 'running' ||
                                 effect.getComputedTiming().iterations === Infinity));

async function violations(page) {
  await settled(page);
  const {violations} = await page.evaluate(
      () => window.axe.run({resultTypes: ['violations']}));
  return violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
      .map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).slice(0, 3).join('; ')}`);
}

for (const lang of ['en', 'zh']) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing serious: ${lang}, ${colorScheme}`, async () => {
      // Its own script comes past the page's policy.
      const board = await BoardPage.open(
          browser, `${ordercast.url}/?lang=${lang}`, {viewport: DESKTOP, colorScheme, bypassCSP: true});
      await board.page.addScriptTag({path: AXE});
      await insertOrder(ordercast, {created_at: '2020-01-01T00:00:00Z', note: 'Ring twice'});
      const asks = await insertOrder(ordercast);
      await board.row(asks).hover();
      await board.row(asks).locator('[data-action=cancel]').click();
      assert.deepEqual(await violations(board.page), []);
      await board.page.keyboard.press('i');
      await board.page.locator('.frame').first().waitFor();
      await board.page.locator('.frame summary').first().click();
      assert.deepEqual(await violations(board.page), []);
      await board.page.keyboard.press('?');
      await board.page.getByRole('dialog').waitFor();
      assert.deepEqual(await violations(board.page), []);
      await board.close();
    });
  }
}

test('the empty and the refused board are accessible, too', async () => {
  const board = await BoardPage.open(
      browser, `${ordercast.url}/?q=nobodyatall`, {viewport: DESKTOP, bypassCSP: true});
  await board.page.addScriptTag({path: AXE});
  await board.page.getByRole('heading', {name: 'No order matches'}).waitFor();
  assert.deepEqual(await violations(board.page), []);
  await board.close();
});

// Runs in the page: names what can be clicked in `root` and is not an order's.
function nameControls(root) {
  const controls = [...root.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
  return controls.filter((each) => each.checkVisibility() && !each.disabled && !each.closest('.slot'))
      .map((each, i) => each.dataset.control = String(i));
}

// Presses Tab, to the end of `root` and through it; answers with what had the focus, by name.
async function tabThrough(board, count) {
  const reached = new Set();
  for (let i = 0; i < count; ++i) {
    await board.page.keyboard.press('Tab');
    reached.add(await board.page.evaluate(() => document.activeElement.dataset.control));
  }
  return reached;
}

test('every control can be reached with the Tab key', async () => {
  const board = await BoardPage.open(browser, ordercast.url, {viewport: DESKTOP});
  await board.page.keyboard.press('i');
  await board.page.locator('.frame').first().waitFor();
  // Nothing new comes in: the frames stay those that are there.
  const controls = await board.page.locator('body').evaluate(nameControls);
  assert.ok(controls.length > 12, `${controls.length} controls`);
  const lanes = await board.page.locator('.lane').count();
  const reached = await tabThrough(board, controls.length + 3 * lanes + 2);
  assert.deepEqual(controls.filter((name) => !reached.has(name)), []);

  await board.page.locator('#open-menu').press('Enter');
  await board.page.evaluate(() => document.querySelectorAll('[data-control]').forEach((each) => delete each.dataset.control));
  const inMenu = await board.page.getByRole('dialog').evaluate(nameControls);
  const inDialog = await tabThrough(board, inMenu.length + 2);
  // Of radio buttons one is a stop, and arrows lead on to the others.
  const unchecked = await board.page.evaluate(
      () => [...document.querySelectorAll('[type=radio]:not(:checked)')].map((each) => each.dataset.control));
  assert.deepEqual(inMenu.filter((name) => !inDialog.has(name) && !unchecked.includes(name)), []);
  await board.close();
});

for (const [lang, question] of [['en', ': really cancel?'], ['zh', '：确定取消？']]) {
  test(`a screen reader is told at once what a cancellation asks: ${lang}`, async () => {
    const board = await BoardPage.create(browser);
    await board.page.clock.install();
    await board.page.goto(`${ordercast.url}/?lang=${lang}`);
    const card = board.page.locator('[data-lane=created] .card').first();
    await card.waitFor();
    // Time stands still from here on: what is not said at once is not said.
    await board.page.clock.pauseAt(Date.now() + 10_000);
    const number = await card.locator('[data-part=number]').textContent();
    await card.focus();
    await board.page.keyboard.press('x');
    const said = await board.page.locator('#announcer').textContent();
    assert.equal(said.slice(0, (number + question).length), number + question);
    await board.close();
  });
}

test('under 100 events a second a screen reader is told at most every 5 s', async () => {
  const board = await BoardPage.open(browser, ordercast.url, {viewport: DESKTOP});
  await board.page.evaluate(() => {
    window.announced = [];
    for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
      new MutationObserver(() => {
        const text = region.textContent;
        if (text) window.announced.push({text, atMs: performance.now()});
      }).observe(region, {childList: true, characterData: true, subtree: true});
    }
  });
  const insert = `INSERT INTO orders (merchant_id, customer_name, currency, total)
          VALUES (1, 'Burst', 'EUR', 1);`;
  for (let i = 0; i < 7; ++i) await ordercast.sql(`${insert.repeat(100)} SELECT pg_sleep(1);`);
  await board.page.waitForFunction(() => {
    const count = ({text}) => Number(/([\d,]+) new/.exec(text)?.[1].replace(',', '') ?? 0);
    return window.announced.map(count).reduce((a, b) => a + b, 0) === 700;
  });
  const times = await board.page.evaluate(() => window.announced.map(({atMs}) => atMs));
  for (let i = 1; i < times.length; ++i) assert.ok(times[i] - times[i - 1] > 4900, `${times}`);
  await board.close();
});
