// What the user asks for is in the page's address and is asked of the server: what is not shown is
// not sent.
import assert from 'node:assert/strict';
import {after, afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {eventually} from './support/eventually.mjs';
import {FaultyProxy} from './support/faulty_proxy.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

let proxy;
let board;

shareShop({}, {prepare: async () => proxy = await FaultyProxy.start(ordercast.url)});

after(() => proxy?.close());

beforeEach(async () => board = await BoardPage.open(browser, proxy.url));

afterEach(() => board.close());

const address = () => decodeURIComponent(new URL(board.page.url()).search);
// Waits until that is in the address, and so is asked of the server. What is typed is, once nothing
// was for a moment: where a machine takes longer from key to key, a part of it is asked before.
const addressIs = (text) => eventually(() => address() === text, address);
// The latest question for orders.
const asked = () => decodeURIComponent(
    proxy.targets.filter((target) => target.includes('/orders')).at(-1).replaceAll('+', ' '));

test('a merchant and a status: in the address, in the server, and after a reload', async () => {
  await board.page.getByLabel('Merchant').selectOption({label: 'Harbour Books'});
  await board.equalsTable(ordercast, 'merchant_id = 2');
  await board.page.getByLabel('Status').selectOption('open');
  const open = `merchant_id = 2 AND status NOT IN ('delivered', 'cancelled')`;
  await board.equalsTable(ordercast, open);
  assert.equal(address(), '?merchant=2&status=open');
  assert.match(asked(), /merchant_id=eq\.2&status=in\.\(created,paid,packed,shipped\)/);
  assert.equal(await board.page.locator('[data-lane=delivered]').isVisible(), false);

  await board.page.reload();
  await board.equalsTable(ordercast, open);
  assert.match(asked(), /merchant_id=eq\.2&status=in\./);
  assert.equal(await board.page.getByLabel('Merchant').inputValue(), '2');

  const foreign = await insertOrder(ordercast, {merchant_id: '3'});
  const own = await insertOrder(ordercast, {merchant_id: '2'});
  await board.row(own).waitFor();
  assert.equal(await board.row(foreign).count(), 0);
  await ordercast.sql(`UPDATE orders SET status = 'cancelled' WHERE id = ${own}`);
  await board.row(own).waitFor({state: 'detached'});
});

test('the search is asked of the server, live, and finds nothing politely', async () => {
  const id = await insertOrder(ordercast, {customer_name: 'Zsófia 100% Quill', note: 'blue door'});
  await board.row(id).waitFor();
  await board.page.keyboard.press('/');
  await board.page.keyboard.type('100% DOOR');
  await addressIs('?q=100%+DOOR');
  const matches = `customer_name LIKE '%100\\%%' AND note LIKE '%door%'`;
  await board.equalsTable(ordercast, matches);
  assert.match(asked(), /and=\(or\(order_number\.ilike/);
  const late = await insertOrder(ordercast, {customer_name: '100% more', note: 'green door'});
  await board.row(late).waitFor();
  await board.page.keyboard.type(' nowhere');
  await addressIs('?q=100%+DOOR+nowhere');
  await board.page.getByRole('heading', {name: 'No order matches'}).waitFor();
  await board.page.getByRole('button', {name: 'Show all orders'}).press('Enter');
  await board.equalsTable(ordercast);
  assert.equal(address(), '');
});

test('what is typed stays, whatever else happens before the server is asked', async () => {
  const [own, foreign] = await Promise.all(['2', '3'].map(
      (merchant_id) => insertOrder(ordercast, {merchant_id, customer_name: 'Typist'})));
  await board.row(own).waitFor();
  await board.row(foreign).waitFor();
  // The toolbar is drawn anew, and another question is asked, in the instant after the last letter.
  await board.page.evaluate(() => {
    const search = document.getElementById('search');
    search.value = 'typist';
    search.dispatchEvent(new Event('input'));
    document.querySelector('[name=language][value=zh]').click();
  });
  await board.equalsTable(ordercast, `customer_name = 'Typist'`);
  await board.page.evaluate(() => {
    const search = document.getElementById('search');
    const merchant = document.getElementById('merchant');
    search.value = 'typis';
    search.dispatchEvent(new Event('input'));
    merchant.value = '2';
    merchant.dispatchEvent(new Event('change'));
  });
  await board.equalsTable(ordercast, `customer_name = 'Typist' AND merchant_id = 2`);
  assert.equal(address(), '?q=typis&merchant=2');
});

test('the letters of an input method are not asked for before they are a word', async () => {
  await insertOrder(ordercast, {customer_name: '小明'});
  await board.page.clock.install();
  await board.page.reload();
  await board.phase('live');
  const keyboard = await board.page.context().newCDPSession(board.page);
  const shown = () => board.page.evaluate(() => decodeURIComponent(location.search));
  await board.page.keyboard.press('/');
  await keyboard.send('Input.imeSetComposition', {text: 'ming', selectionStart: 4, selectionEnd: 4});
  await board.page.clock.runFor(1000);
  assert.equal(await shown(), '');
  // Escape gives up letters, and is not the board's.
  await board.page.locator('#search').evaluate((search) => search.dispatchEvent(
      new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true})));
  assert.equal(await board.page.locator('#search').inputValue(), 'ming');
  await keyboard.send('Input.insertText', {text: '明'});
  await board.page.clock.runFor(1000);
  assert.equal(await shown(), '?q=明');
  await board.equalsTable(ordercast, `customer_name = '小明'`);
});

test('sorted by waiting, the order that was placed first stands first', async () => {
  await insertOrder(ordercast, {created_at: '2020-01-01T00:00:00Z', customer_name: 'Patient'});
  await board.page.getByLabel('Sort').selectOption('waiting');
  const first = board.page.locator('[data-lane=created] .slot').first();
  await first.filter({hasText: 'Patient'}).waitFor();
  await first.locator('[data-level=red]').waitFor();
  assert.equal(address(), '?sort=waiting');
});

test('a paused board shows what is asked for, and stands still again', async () => {
  await board.page.keyboard.press('p');
  await board.page.getByLabel('Merchant').selectOption('2');
  await board.equalsTable(ordercast, 'merchant_id = 2');
  const id = await insertOrder(ordercast, {merchant_id: '2'});
  await board.page.getByRole('button', {name: 'Resume, 1 new'}).waitFor();
  assert.equal(await board.row(id).count(), 0);
});

test('a question that the server refuses is shown with its words, and a way out', async () => {
  await ordercast.sql('ALTER TABLE orders RENAME COLUMN note TO remark');
  await board.page.goto(`${proxy.url}/?q=x`);
  await board.page.getByRole('heading', {name: 'The server refuses this question'}).waitFor();
  await board.page.getByText('there is no column \'note\'').waitFor();
  await ordercast.sql('ALTER TABLE orders RENAME COLUMN remark TO note');
  await board.page.getByRole('button', {name: 'Show all orders'}).click();
  await board.equalsTable(ordercast);
  board.problems = board.problems.filter((problem) => !/400 \(Bad Request\)/.test(problem));
});

test('a search that found nothing is given up: nobody says that there are no orders', async () => {
  await board.page.goto(`${proxy.url}/?q=nowhere`);
  await board.page.getByRole('heading', {name: 'No order matches'}).waitFor();
  proxy.hold(0);
  await board.page.getByRole('button', {name: 'Show all orders'}).click();
  // The frame that shows it has come.
  await board.page.evaluate(() => new Promise(
      (resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await board.page.getByRole('heading', {name: 'No orders yet'}).count(), 0);
  proxy.flow();
  await board.equalsTable(ordercast);
});
