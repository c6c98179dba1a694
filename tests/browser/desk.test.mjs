// The user's hands: orders move at once, and back when the database does not agree.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

// What Chromium says on the console about answers that the tests ask for.
const REFUSED = /status of (409|412|503)|net::ERR_/;
const UNKNOWN = 'Nobody knows whether it was saved. Look at the order before you try again.';

let board;

shareShop({orders: 0});

beforeEach(async () => board = await BoardPage.open(browser, ordercast.url));

afterEach(() => board.close({expected: REFUSED}));

const statusOf = (id) => ordercast.sql(`SELECT status FROM orders WHERE id = ${id}`);
// Waits until the database has answered.
const idle = () => board.page.waitForFunction(() => !document.querySelector('.card[aria-busy]'));
const press = (id, name) => board.row(id).getByRole('button', {name}).click();

// Lets the board's next request of that method wait until the answer's function is called.
async function hold(method) {
  let release;
  const released = new Promise((resolve) => release = resolve);
  let arrived;
  const arrival = new Promise((resolve) => arrived = resolve);
  await board.page.route('**/v1/orders/*', async (route) => {
    if (route.request().method() !== method) return route.continue();
    arrived();
    await released;
    await route.continue().catch(() => {});
  });
  return {arrival, release};
}

test('accept, pack, ship, deliver: each is one press', async () => {
  const id = await insertOrder(ordercast);
  for (const [name, status] of [
           ['Accept', 'paid'], ['Pack', 'packed'], ['Ship', 'shipped'], ['Deliver', 'delivered']]) {
    await press(id, name);
    await board.isIn(id, status);
    await idle();
    assert.equal(await statusOf(id), status);
    await board.page.mouse.move(0, 0);
  }
  assert.equal(await board.row(id).getByRole('button').count(), 0);
});

test('a paused board shows what its user does, step by step', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  await board.page.keyboard.press('p');
  for (const [name, status] of [['Accept', 'paid'], ['Pack', 'packed']]) {
    await press(id, name);
    await board.isIn(id, status);
  }
  await idle();
  assert.equal(await statusOf(id), 'packed');
});

test('a cancellation is asked for twice', async () => {
  const asked = await insertOrder(ordercast);
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  await press(asked, 'Cancel order');
  // Both presses at once: the question is taken back after a few seconds.
  const question = await board.row(id).evaluate((slot) => {
    const button = slot.querySelector('[data-action=cancel]');
    button.click();
    const name = button.getAttribute('aria-label');
    button.click();
    return name;
  });
  assert.match(question, /Really cancel\?/);
  await board.isIn(id, 'cancelled');
  await idle();
  assert.equal(await statusOf(id), 'cancelled');
  assert.equal(await statusOf(asked), 'created');
});

test('a question that is asked again stands as long as the first one did', async () => {
  await board.page.clock.install();
  await board.page.reload();
  await board.phase('live');
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  // Only the test moves the time from now on.
  await board.page.clock.pauseAt(await board.page.evaluate(() => Date.now() + 60_000));
  const cancel = board.row(id).locator('[data-action=cancel]');
  const press = () => cancel.evaluate((button) => button.click());
  const asks = () => board.row(id).locator('.card[data-asks]').count();
  await press();
  // Confirmed, and refused at once.
  await board.page.evaluate(() => window.fetch = () => Promise.reject(new TypeError('no server')));
  await press();
  await board.row(id).getByText('Not saved: the server cannot be reached').waitFor();
  await board.page.clock.runFor(4000);
  await press();
  await board.page.clock.runFor(4000);
  assert.equal(await asks(), 1);
  await board.page.clock.runFor(4000);
  assert.equal(await asks(), 0);
});

// From now on notes what the board asks of the desk.
const watchDesk = () => board.page.evaluate(() => {
  window.asked = [];
  const {fetch} = window;
  window.fetch = (url, options) => {
    if (url.startsWith('v1/orders/')) window.asked.push(url);
    return fetch(url, options);
  };
});
const asked = () => board.page.evaluate(() => window.asked);

test('a key that is kept down is one press: it asks whether to cancel, and confirms nothing', async () => {
  await watchDesk();
  for (const [part, key] of [['card', 'x'], ['cancel', 'Enter']]) {
    const id = await insertOrder(ordercast);
    await board.row(id).locator(`[data-part=${part}]`).focus();
    await board.page.keyboard.down(key);
    await board.page.keyboard.down(key);
    await board.page.keyboard.up(key);
    assert.deepEqual(await asked(), [], key);
  }
});

test('the card of an order that has gone on takes no step: it would be another one', async () => {
  const id = await insertOrder(ordercast);
  await watchDesk();
  await board.row(id).locator('[data-part=card]').focus();
  await ordercast.sql(`UPDATE orders SET status = 'paid' WHERE id = ${id}`);
  await board.page.locator('[data-lane=created] [data-retired]').waitFor();
  await board.page.keyboard.press('Enter');
  await board.page.keyboard.press('a');
  assert.deepEqual(await asked(), []);
});

test('the order moves before the server has answered', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  const {arrival, release} = await hold('PATCH');
  await press(id, 'Accept');
  await arrival;
  await board.isIn(id, 'paid');
  assert.equal(await statusOf(id), 'created');
  release();
  await idle();
  assert.equal(await statusOf(id), 'paid');
});

test('somebody was faster: the order goes back and its card says what it is now', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  const {arrival, release} = await hold('PATCH');
  await press(id, 'Accept');
  await arrival;  // the board has read the order and its ETag
  await ordercast.sql(`UPDATE orders SET status = 'cancelled' WHERE id = ${id}`);
  release();
  await board.isIn(id, 'cancelled');
  await board.row(id).getByText('Changed meanwhile: it is Cancelled now. Nothing was saved.').waitFor();
  assert.equal(await statusOf(id), 'cancelled');
});

test('what the user has not seen is not overwritten, be it only a note', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  const {arrival, release} = await hold('GET');
  await press(id, 'Accept');
  await arrival;  // the board is about to read the order
  await ordercast.sql(`UPDATE orders SET note = 'No nuts!' WHERE id = ${id}`);
  release();
  await board.row(id).getByText('Changed meanwhile: it is New now.').waitFor();
  await board.says(id, {note: 'No nuts!'});
  assert.equal(await statusOf(id), 'created');
});

test('a step that the shop refuses is shown in the words of its database', async () => {
  await ordercast.sql(`DELETE FROM shop.status_steps WHERE status = 'created' AND next = 'paid'`);
  const id = await insertOrder(ordercast);
  await press(id, 'Accept');
  await board.row(id).getByText('Refused: an order that is created cannot become paid').waitFor();
  await board.isIn(id, 'created');
  await ordercast.sql(`INSERT INTO shop.status_steps VALUES ('created', 'paid')`);
});

test('a server that cannot be reached has saved nothing, and the card says so', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  await board.page.route('**/v1/orders/*', (route) => route.abort());
  await press(id, 'Accept');
  await board.row(id).getByText('Not saved: the server cannot be reached').waitFor();
  await board.isIn(id, 'created');
});

test('a commit of which nobody knows whether it came about is not called "not saved"', async () => {
  const id = await insertOrder(ordercast);
  await board.row(id).waitFor();
  await board.page.route('**/v1/orders/*', (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    return route.fulfill({status: 503, json: {status: 503, code: 'outcome_unknown'}});
  });
  await press(id, 'Accept');
  await board.row(id).getByText(UNKNOWN).waitFor();
  await board.isIn(id, 'created');
});

for (const [method, text] of [
         ['GET', 'Not saved: the server cannot be reached'],
         ['PATCH', UNKNOWN]]) {
  test(`a server that does not answer a ${method} keeps no card for ever`, async () => {
    await board.useClock();
    await board.page.reload();
    await board.phase('live');
    const id = await insertOrder(ordercast);
    await board.row(id).waitFor();
    const {arrival, release} = await hold(method);
    await press(id, 'Accept');
    await arrival;
    await board.isIn(id, 'paid');
    await board.page.clock.runFor(20_000);
    await board.row(id).getByText(text).waitFor();
    await board.isIn(id, 'created');
    await idle();
    release();
  });
}
