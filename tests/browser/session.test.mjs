// The board of a server that takes tokens: who signs in sees the orders of his tenant, until he
// signs out or his token ends.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {Ordercast} from './support/ordercast.mjs';
import {TokenKey} from './support/token_key.mjs';

// What Chromium says on the console about requests that are refused, as they should be.
const REFUSED = /401 \(Unauthorized\)/;
const SIGN_IN = {
  name: 'Sign in to see the orders'
};

let browser;
let key;
let ordercast;
let board;

before(async () => {
  [browser, key] = await Promise.all([launchChromium(), TokenKey.create()]);
  ordercast = await Ordercast.start({access: ['--jwt-key', key.file]});
  const others = await ordercast.sql('SELECT count(*) FROM orders WHERE merchant_id <> 1');
  assert.ok(Number(others) > 0, 'there are orders that merchant 1 must not see');
});

after(async () => {
  await browser?.close();
  await ordercast?.stop();
  await key?.remove();
});

beforeEach(async () => {
  board = await BoardPage.create(browser);
  await board.page.goto(ordercast.url);
  await asksToSignIn();
});

afterEach(() => board.close({expected: REFUSED}));

async function asksToSignIn() {
  await board.page.getByRole('heading', SIGN_IN).waitFor();
  await board.phase('signed-out');
  assert.deepEqual(await board.lines(), []);
}

async function bring(token) {
  await board.page.getByLabel('Access token').fill(token);
  await board.page.getByRole('button', {name: 'Sign in'}).click();
}

test('a token becomes a session that shows the orders of its tenant, and no others', async () => {
  await bring(await key.mint('--tenant', '1', '--ttl', '15m'));
  await board.phase('live');
  await board.equalsTable(ordercast, 'merchant_id = 1');
  await insertOrder(ordercast, {merchant_id: '2'});
  const id = await insertOrder(ordercast, {merchant_id: '1'});
  await board.says(id, {merchant: '云间茶舍'});
  await board.equalsTable(ordercast, 'merchant_id = 1');

  const [cookie, ...more] = await board.page.context().cookies();
  assert.deepEqual(more, []);
  const {name, httpOnly, sameSite, path, expires} = cookie;
  assert.deepEqual(
      {name, httpOnly, sameSite, path},
      {name: 'ordercast', httpOnly: true, sameSite: 'Lax', path: '/'});
  const leftS = expires - Date.now() / 1000;
  assert.ok(leftS > 0 && leftS <= 15 * 60, `it lasts as long as the token: ${leftS} s`);
  assert.equal(await board.page.evaluate(() => document.cookie), '');

  // It is the cookie that signs in, and not what the page remembers.
  await board.page.reload();
  await board.phase('live');
  await board.equalsTable(ordercast, 'merchant_id = 1');
});

test('a token that is none is refused, and says so', async () => {
  await bring('eyJhbGciOiJub25lIn0.eyJvcmRlcmNhc3QiOnsidGVuYW50IjoiMSJ9fQ.');
  await board.page.getByText('This token was not accepted.').waitFor();
  await asksToSignIn();
  assert.deepEqual(await board.page.context().cookies(), []);
});

test('who signs out is asked to sign in again', async () => {
  await bring(await key.mint('--tenant', '1'));
  await board.phase('live');
  const status = await board.page.evaluate(
      async () => (await fetch('/v1/session', {method: 'DELETE'})).status);
  assert.equal(status, 204);
  assert.deepEqual(await board.page.context().cookies(), []);
  await board.page.reload();
  await asksToSignIn();
});

test('when the token ends its orders go, and another tenant finds nothing of them', async () => {
  await bring(await key.mint('--tenant', '1', '--ttl', '4s'));
  await board.equalsTable(ordercast, 'merchant_id = 1');
  await asksToSignIn();
  await bring(await key.mint('--tenant', '2'));
  await board.phase('live');
  await board.equalsTable(ordercast, 'merchant_id = 2');
  const merchants = await board.page.locator('#merchant option').allTextContents();
  assert.equal(merchants.length, 2, `all and his own: ${merchants}`);
});
