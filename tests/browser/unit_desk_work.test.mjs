// What a card says of its order after the desk was asked for something, and for how long.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {DeskWork} from '../../web/board/desk_work.js';
import {Locale} from '../../web/board/locale.js';
import {OrderBook} from '../../web/board/order_book.js';

import {FakeBrowser} from './support/fake_browser.mjs';

const ID = '{"id":"7"}';
const UNKNOWN = 'Nobody knows whether it was saved. Look at the order before you try again.';
// How long an outcome stands, when nothing happens to its order.
const OUTCOME_MS = 15_000;

const row = (status, more = {}) => ({id: '7', status, order_number: 'A-7', ...more});
const problem = (status, code, detail) => ({ok: false, status, json: async () => ({code, detail})});

let browser;
let book;
let work;
// What the desk answers to the next PATCH, or an Error.
let answer;
let said;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.install();
  book = new OrderBook();
  book.replaceAll(new Map([[ID, row('created')]]));
  said = [];
  work = new DeskWork(book, new Locale('en'), ({text}) => said.push(text));
  globalThis.fetch = async (url, {method}) => {
    if (!method)
      return {ok: true, headers: new Headers({ETag: '"1"'}), json: async () => ({row: row('created')})};
    const given = await answer;
    if (given instanceof Error) throw given;
    return given;
  };
});

afterEach(() => browser.uninstall());

async function accept(given) {
  answer = given;
  await work.move(ID, 'paid');
}

const status = () => book.get(ID).status;

test('who cannot know whether it was saved does not say that it was not', async () => {
  const proxy = {ok: false, status: 502, json: () => Promise.reject(new SyntaxError('<html>'))};
  for (const each of [
           problem(503, 'outcome_unknown', 'This may have been written or not.'),
           problem(500, 'internal', 'The server failed.'), proxy, new Error('cut')]) {
    await accept(each);
    assert.equal(work.outcome(ID), UNKNOWN);
    assert.equal(status(), 'created');
  }
  await accept(problem(503, 'busy', 'The row is locked.'));
  assert.equal(work.outcome(ID), 'Not saved: The row is locked.');
});

test('what is said of an order ends after a while, and each time after the whole of it', async () => {
  await accept(problem(409, 'conflict', 'No.'));
  await browser.pass(OUTCOME_MS - 1);
  await accept(problem(409, 'conflict', 'No.'));
  await browser.pass(OUTCOME_MS - 1);
  assert.equal(work.outcome(ID), 'Refused: No.');
  await browser.pass(1);
  assert.equal(work.outcome(ID), undefined);
});

test('a change of the order ends what is said of it', async () => {
  for (const given of [problem(409, 'conflict', 'No.'), problem(503, 'busy'), new Error('cut')]) {
    await accept(given);
    assert.notEqual(work.outcome(ID), undefined);
    book.put(ID, row('created', {note: 'Another one'}), 0);
    assert.equal(work.outcome(ID), undefined);
    book.put(ID, row('created'), 0);
  }
  await accept(problem(409, 'conflict', 'No.'));
  book.remove(ID);
  assert.equal(work.outcome(ID), undefined);
});

test('the change that somebody was faster with ends nothing: it is what is spoken of', async () => {
  const cancelled = row('cancelled');
  const text = 'Changed meanwhile: it is Cancelled now. Nothing was saved.';
  await accept({ok: false, status: 412, json: async () => ({row: cancelled})});
  assert.equal(work.outcome(ID), text);
  book.put(ID, {...cancelled}, 0);
  assert.equal(work.outcome(ID), text);
  book.put(ID, row('created'), 0);
  book.put(ID, row('cancelled', {note: 'Another one'}), 0);
  assert.equal(work.outcome(ID), undefined);
});

test('what the stream has answered meanwhile is known, whatever the desk says', async () => {
  let cut;
  answer = new Promise((resolve) => cut = () => resolve(new Error('cut')));
  const moved = work.move(ID, 'paid');
  await browser.settle();
  book.put(ID, row('paid'), 0);
  said.length = 0;
  cut();
  await moved;
  assert.equal(work.outcome(ID), undefined);
  assert.deepEqual(said, []);
});
