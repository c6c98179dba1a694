// The board of a server that takes tokens: who signs in sees the orders of his tenant, until he
// signs out or his token ends.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {FaultyProxy} from './support/faulty_proxy.mjs';
import {Ordercast} from './support/ordercast.mjs';
import {TokenKey} from './support/token_key.mjs';

// What Chromium says on the console about requests that are refused, as they should be.
const REFUSED = /401 \(Unauthorized\)/;
// How long the board waits for an answer.
const ANSWER_MS = 15_000;
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

// Runs in the page before the board does: notes each state of the connection that it shows, however
// short, and what it alarms of.
function noteStates() {
  window.noted = {phases: [], alarms: []};
  addEventListener('DOMContentLoaded', () => {
    const [pill, alarm] = ['pill', 'alarm'].map((id) => document.getElementById(id));
    const note = () => {
      window.noted.phases.push(pill.dataset.phase);
      window.noted.alarms.push(alarm.textContent);
    };
    new MutationObserver(note).observe(pill, {attributes: true});
    new MutationObserver(note).observe(alarm, {childList: true, characterData: true, subtree: true});
  });
}

async function bring(token) {
  await board.page.getByLabel('Access token').fill(token);
  await board.page.getByRole('button', {name: 'Sign in'}).click();
}

test('who comes for the first time is asked to sign in, and is told of nothing that is lost', async () => {
  const first = await BoardPage.create(browser);
  await first.page.addInitScript(noteStates);
  await first.page.goto(ordercast.url);
  await first.page.getByRole('heading', SIGN_IN).waitFor();
  const {phases, alarms} = await first.page.evaluate(() => window.noted);
  assert.equal(phases.at(-1), 'signed-out');
  assert.deepEqual(phases.filter((phase) => phase === 'reconnecting'), []);
  assert.deepEqual(alarms.filter(Boolean), []);
  await first.close({expected: REFUSED});
});

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

test('signing out by the menu takes the orders away, in every tab', async () => {
  await bring(await key.mint('--tenant', '1'));
  await board.phase('live');
  // Of other orders, so with a stream of its own.
  const other = new BoardPage(await board.page.context().newPage());
  await other.page.goto(`${ordercast.url}/?status=open`);
  await other.page.locator('.slot').first().waitFor();

  await board.page.keyboard.press('?');
  await board.page.getByRole('button', {name: 'Sign out'}).click();
  await asksToSignIn();
  await board.page.getByRole('dialog').waitFor({state: 'hidden'});
  assert.deepEqual(await board.page.context().cookies(), []);
  await other.page.getByRole('heading', SIGN_IN).waitFor();
  assert.deepEqual(await other.lines(), []);

  // Nobody is signed in, nobody can be signed out.
  await board.page.keyboard.press('?');
  await board.page.getByRole('dialog').waitFor();
  assert.equal(await board.page.getByRole('button', {name: 'Sign out'}).count(), 0);
  await board.page.keyboard.press('Escape');

  // Who signs in does so in every tab.
  await bring(await key.mint('--tenant', '2'));
  await board.equalsTable(ordercast, 'merchant_id = 2');
  await other.equalsTable(
      ordercast, `merchant_id = 2 AND status NOT IN ('delivered', 'cancelled')`);
  assert.deepEqual(other.problems.filter((problem) => !REFUSED.test(problem)), []);
});

test('a token that could not be brought to the server stays in its field', async () => {
  const token = await key.mint('--tenant', '1');
  await board.page.route('**/v1/session', (route) => route.abort());
  await bring(token);
  await board.page.locator('#notice').getByText('The server cannot be reached.').waitFor();
  assert.equal(await board.page.getByLabel('Access token').inputValue(), token);
  await board.page.unroute('**/v1/session');
  await board.page.getByRole('button', {name: 'Sign in'}).click();
  await board.equalsTable(ordercast, 'merchant_id = 1');
  board.problems = board.problems.filter((problem) => !/net::ERR_FAILED/.test(problem));
});

test('a sign-out that the server has not heard of is none, and says so', async () => {
  await bring(await key.mint('--tenant', '1'));
  await board.phase('live');
  await board.page.route('**/v1/session', (route) => route.abort());
  await board.page.keyboard.press('?');
  await board.page.getByRole('button', {name: 'Sign out'}).click();
  await board.page.getByRole('alert').filter({hasText: 'The server cannot be reached.'}).waitFor();
  await board.equalsTable(ordercast, 'merchant_id = 1');
  board.problems = board.problems.filter((problem) => !/net::ERR_FAILED/.test(problem));
});

// From now on the server takes what is asked of the session, and never answers: `asked` is settled
// the first time.
async function silenceSession() {
  let ask;
  const asked = new Promise((resolve) => ask = resolve);
  await board.page.route('**/v1/session', () => ask());
  return {asked};
}

test('a sign-in that is not answered is given up, and the token stays in its field', async () => {
  await board.useClock();
  await board.page.reload();
  await asksToSignIn();
  const {asked} = await silenceSession();
  const token = await key.mint('--tenant', '1');
  await bring(token);
  await asked;
  await board.page.clock.runFor(ANSWER_MS);
  await board.page.locator('#notice').getByText('The server cannot be reached.').waitFor();
  assert.equal(await board.page.getByLabel('Access token').inputValue(), token);
  await board.page.unroute('**/v1/session');
  await board.page.getByRole('button', {name: 'Sign in'}).click();
  await board.equalsTable(ordercast, 'merchant_id = 1');
});

test('a sign-out that is not answered is given up, and can be tried again', async () => {
  await board.useClock();
  await board.page.reload();
  await asksToSignIn();
  await bring(await key.mint('--tenant', '1'));
  await board.phase('live');
  const {asked} = await silenceSession();
  await board.page.keyboard.press('?');
  await board.page.getByRole('button', {name: 'Sign out'}).click();
  await asked;
  await board.page.clock.runFor(ANSWER_MS);
  await board.page.getByRole('alert').filter({hasText: 'The server cannot be reached.'}).waitFor();
  await board.page.unroute('**/v1/session');
  await board.page.getByRole('button', {name: 'Sign out'}).click();
  await asksToSignIn();
});

test('a stream that is resumed with another one\'s cookie shows nothing of before', async () => {
  await bring(await key.mint('--tenant', '1'));
  await board.phase('live');
  const proxy = await FaultyProxy.start(ordercast.url);
  await board.page.goto(proxy.url);  // a cookie is for all ports
  await board.equalsTable(ordercast, 'merchant_id = 1');

  proxy.refuse(502);
  await board.phase('reconnecting');
  const [cookie] = await board.page.context().cookies();
  await board.page.context().addCookies([{...cookie, value: await key.mint('--tenant', '2')}]);
  await proxy.refusals(2);  // the browser's own try, and the client's question why
  proxy.relay();
  await board.equalsTable(ordercast, 'merchant_id = 2');
  await board.phase('live');
  const ofOrders = () => proxy.targets.filter((target) => target.includes('/orders?'));
  assert.match(ofOrders().at(-2), /last_event_id/);
  assert.doesNotMatch(ofOrders().at(-1), /last_event_id/);

  // The same person's next token goes on where he was.
  proxy.refuse(502);
  await board.phase('reconnecting');
  await board.page.context().addCookies(
      [{...cookie, value: await key.mint('--tenant', '2', '--ttl', '20m')}]);
  const id = await insertOrder(ordercast, {merchant_id: '2'});
  await proxy.refusals(2);  // the browser's own try, and the client's question why
  proxy.relay();
  await board.row(id).waitFor();
  await board.equalsTable(ordercast, 'merchant_id = 2');
  assert.match(ofOrders().at(-1), /last_event_id/);
  board.problems = board.problems.filter((problem) => !/502 \(Bad Gateway\)|net::ERR_/.test(problem));
  await proxy.close();
});

test('when the token ends its orders go, and another tenant finds nothing of them', async () => {
  // Long enough that they are there before, also on a busy machine.
  await bring(await key.mint('--tenant', '1', '--ttl', '15s'));
  await board.equalsTable(ordercast, 'merchant_id = 1');
  await asksToSignIn();
  await bring(await key.mint('--tenant', '2'));
  await board.phase('live');
  await board.equalsTable(ordercast, 'merchant_id = 2');
  const merchants = await board.page.locator('#merchant option').allTextContents();
  assert.equal(merchants.length, 2, `all and his own: ${merchants}`);
});
