import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Intake} from '../../web/board/intake.js';
import {OrderBook} from '../../web/board/order_book.js';

const row = (id, minute, more = {}) => ({
  id: String(id),
  status: 'created',
  created_at: `2026-11-23T17:${String(minute).padStart(2, '0')}:00+00:00`,
  updated_at: `2026-11-23T17:${String(minute).padStart(2, '0')}:00+00:00`,
  ...more
});
const keyOf = (id) => JSON.stringify({id: String(id)});
const tableOf = (rows) => new Map(rows.map((each) => [keyOf(each.id), each]));
const ids = (book, lane = 'created') => book.lane(lane).map((order) => order.row.id);

function loaded(rows) {
  const book = new OrderBook();
  book.replaceAll(tableOf(rows));
  return book;
}

test('orders stand by their last change, wherever they come in', () => {
  const book = loaded([row(1, 10), row(2, 30), row(3, 20)]);
  book.put(keyOf(4), row(4, 25), 0);
  assert.deepEqual(ids(book), ['2', '4', '3', '1']);
  book.put(keyOf(1), row(1, 40), 0);
  assert.deepEqual(ids(book), ['1', '2', '4', '3']);
});

test('sorted by waiting, the oldest order stands first', () => {
  const book = loaded([row(1, 10), row(2, 30), row(3, 20, {updated_at: '2026-11-23T19:00:00Z'})]);
  book.sortBy('waiting');
  assert.deepEqual(ids(book), ['1', '3', '2']);
  book.put(keyOf(4), row(4, 15), 0);
  assert.deepEqual(ids(book), ['1', '4', '3', '2']);
});

test('orders of one moment stand by key, beyond the precision of a double too', () => {
  const book =
      loaded([row('9007199254740993', 5), row(9, 5), row('9007199254740992', 5), row(10, 5)]);
  assert.deepEqual(ids(book), ['9007199254740993', '9007199254740992', '10', '9']);
});

test('an order changes its lane with its status, and a deleted one is gone', () => {
  const book = loaded([row(1, 1), row(2, 2)]);
  book.put(keyOf(1), row(1, 3, {status: 'paid'}), 0);
  assert.deepEqual([ids(book), ids(book, 'paid')], [['2'], ['1']]);
  book.remove(keyOf(1));
  book.remove(keyOf(1));
  assert.deepEqual([book.size, ids(book, 'paid')], [1, []]);
});

test('a status that no shop should have is in the lane of the others', () => {
  const book = loaded([row(1, 1, {status: 'created"><svg>'}), row(2, 1, {status: null})]);
  assert.deepEqual(ids(book, 'other'), ['2', '1']);
});

test('a book that forgets is as one that has never had a row', () => {
  const book = loaded([row(1, 1), row(2, 1, {status: 'paid'})]);
  book.forget();
  assert.deepEqual([book.loaded, book.size, ids(book), ids(book, 'paid')], [false, 0, [], []]);
});

test('a wish moves the order at once, and the stream has the last word', () => {
  const book = loaded([row(1, 1)]);
  book.wish(keyOf(1), 'paid', 0);
  assert.deepEqual([ids(book), ids(book, 'paid')], [[], ['1']]);
  book.put(keyOf(1), row(1, 2, {status: 'cancelled'}), 0);
  assert.deepEqual([ids(book, 'paid'), ids(book, 'cancelled')], [[], ['1']]);
});

test('a wish that was not granted leaves the order where it was', () => {
  const book = loaded([row(1, 1), row(2, 2)]);
  const wish = book.wish(keyOf(1), 'paid', 0);
  book.drop(keyOf(1), wish);
  assert.deepEqual(ids(book), ['2', '1']);
});

test('a refusal that comes after the stream has gone on changes nothing', () => {
  const book = loaded([row(1, 1)]);
  const wish = book.wish(keyOf(1), 'paid', 0);
  book.put(keyOf(1), row(1, 2, {status: 'packed'}), 0);
  book.drop(keyOf(1), wish);
  assert.deepEqual(ids(book, 'packed'), ['1']);
});

function paused(rows) {
  const book = loaded(rows);
  const intake = new Intake(book);
  intake.pause();
  return {book, intake};
}

test('while paused nothing changes, and what waits is counted by order', () => {
  const {book, intake} = paused([row(1, 1), row(2, 2)]);
  intake.put(keyOf(1), row(1, 3, {status: 'paid'}), 0);
  intake.put(keyOf(1), row(1, 4, {status: 'packed'}), 0);
  intake.put(keyOf(3), row(3, 5), 0);
  intake.remove(keyOf(2));
  assert.deepEqual(ids(book), ['2', '1']);
  assert.deepEqual(intake.waiting, {changed: 3, fresh: 1});
  intake.resume(0);
  assert.deepEqual([ids(book), ids(book, 'packed')], [['3'], ['1']]);
  assert.deepEqual(intake.waiting, {changed: 0, fresh: 0});
});

test('an order that came and went during the pause was never there', () => {
  const {book, intake} = paused([]);
  intake.put(keyOf(1), row(1, 1), 0);
  intake.remove(keyOf(1));
  assert.deepEqual(intake.waiting, {changed: 0, fresh: 0});
  intake.resume(0);
  assert.equal(book.size, 0);
});

test('a new table that comes during the pause waits whole, changes on top of it', () => {
  const {book, intake} = paused([row(1, 1), row(2, 2)]);
  intake.replaceAll(tableOf([row(2, 3), row(3, 4), row(4, 5)]));
  intake.put(keyOf(5), row(5, 6), 0);
  intake.remove(keyOf(4));
  assert.deepEqual(ids(book), ['2', '1']);
  assert.equal(intake.waiting.fresh, 2);
  intake.resume(0);
  assert.deepEqual(ids(book), ['5', '3', '2']);
});

test('the first table comes in also while paused: there is nothing else to look at', () => {
  const book = new OrderBook();
  const intake = new Intake(book);
  intake.pause();
  intake.replaceAll(tableOf([row(1, 1)]));
  assert.deepEqual(ids(book), ['1']);
});

test('the first table of another query comes in while paused, and changes wait again', () => {
  const {book, intake} = paused([row(1, 1)]);
  intake.forget();
  assert.equal(intake.replaceAll(tableOf([row(2, 2)])), true);
  intake.put(keyOf(3), row(3, 3), 0);
  assert.deepEqual([ids(book), intake.waiting.fresh], [['2'], 1]);
  assert.equal(intake.replaceAll(tableOf([row(4, 4)])), false);
  assert.deepEqual(ids(book), ['2']);
});

test('what the user does while paused is shown, and stays when the board goes on', () => {
  const {book, intake} = paused([row(1, 1), row(2, 2)]);
  intake.replaceAll(tableOf([row(1, 1), row(2, 2)]));
  book.wish(keyOf(1), 'paid', 0);
  intake.put(keyOf(1), row(1, 3, {status: 'paid'}), 0);
  assert.equal(book.get(keyOf(1)).wish, null);
  assert.deepEqual([ids(book, 'paid'), intake.waiting.changed], [['1'], 0]);
  intake.resume(0);
  assert.deepEqual([ids(book), ids(book, 'paid')], [['2'], ['1']]);
});
