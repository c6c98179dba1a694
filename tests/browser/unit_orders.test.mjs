import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Filter} from '../../web/filter.js';
import {Orders} from '../../web/orders.js';

const EVERYTHING = new Filter();

const row = (id, minute, more = {}) => ({
  id: String(id),
  status: 'created',
  created_at: `2026-11-23T17:${String(minute).padStart(2, '0')}:00+00:00`,
  ...more
});
const change = (op, aRow) => ({op, key: {id: aRow.id}, row: aRow});
const ids = (orders, filter = EVERYTHING, limit = 100) =>
    orders.select(filter, limit).shown.map((entry) => entry.row.id);

function loaded(rows) {
  const orders = new Orders();
  orders.beginSnapshot();
  for (const each of rows) orders.apply(change('insert', each), 0);
  orders.endSnapshot();
  return orders;
}

test('orders stand newest first, wherever they come in', () => {
  const orders = loaded([row(1, 10), row(2, 30), row(3, 20)]);
  assert.deepEqual(ids(orders), ['2', '3', '1']);
  orders.apply(change('insert', row(4, 25)), 0);
  assert.deepEqual(ids(orders), ['2', '4', '3', '1']);
});

test('orders of one moment stand by key, beyond the precision of a double too', () => {
  const orders =
      loaded([row('9007199254740993', 5), row(9, 5), row('9007199254740992', 5), row(10, 5)]);
  assert.deepEqual(ids(orders), ['9007199254740993', '9007199254740992', '10', '9']);
});

test('keys that differ only beyond a double are different orders', () => {
  const orders = loaded([row('9007199254740993', 5), row('9007199254740992', 6)]);
  orders.apply(change('delete', row('9007199254740993', 5)), 0);
  assert.deepEqual(ids(orders), ['9007199254740992']);
});

test('a change says what it was here', () => {
  const orders = loaded([row(1, 1)]);
  assert.equal(orders.apply(change('update', row(1, 1, {status: 'paid'})), 0), 'update');
  assert.equal(orders.apply(change('insert', row(1, 1)), 0), 'update');
  assert.equal(orders.apply(change('update', row(2, 1)), 0), 'insert');
  assert.equal(orders.apply(change('delete', row(2, 1)), 0), 'delete');
  assert.equal(orders.apply(change('delete', row(2, 1)), 0), null);
  assert.equal(orders.size, 1);
});

test('an update may move an order', () => {
  const orders = loaded([row(1, 10), row(2, 20)]);
  orders.apply(change('update', row(1, 30)), 0);
  assert.deepEqual(ids(orders), ['1', '2']);
});

test('counts by status follow every change, unknown statuses together', () => {
  const orders = loaded([
    row(1, 1), row(2, 2), row(3, 3, {status: 'paid'}), row(4, 4, {status: 'odd'}),
    row(5, 5, {status: null})
  ]);
  assert.deepEqual(['created', 'paid', 'other'].map((group) => orders.count(group)), [2, 1, 2]);
  orders.apply(change('update', row(1, 1, {status: 'paid'})), 0);
  orders.apply(change('delete', row(3, 3)), 0);
  assert.deepEqual(['created', 'paid', 'other'].map((group) => orders.count(group)), [1, 1, 2]);
});

test('a snapshot replaces everything at its end and nothing before', () => {
  const orders = loaded([row(1, 1), row(2, 2)]);
  orders.beginSnapshot();
  orders.apply(change('insert', row(3, 3)), 0);
  assert.deepEqual(ids(orders), ['2', '1']);
  assert.equal(orders.incomingSize, 1);
  orders.endSnapshot();
  assert.deepEqual(ids(orders), ['3']);
  assert.equal(orders.count('created'), 1);
});

test('a snapshot that is begun again forgets its first half', () => {
  const orders = new Orders();
  orders.beginSnapshot();
  orders.apply(change('insert', row(1, 1)), 0);
  assert.equal(orders.loaded, false);
  orders.beginSnapshot();
  orders.apply(change('insert', row(2, 2)), 0);
  orders.endSnapshot();
  assert.equal(orders.loaded, true);
  assert.deepEqual(ids(orders), ['2']);
});

test('only a live change has a time of change, and an unchanged order keeps its entry', () => {
  const orders = loaded([row(1, 1), row(2, 2)]);
  const before = orders.get('{"id":"2"}');
  assert.equal(before.changedAtMs, null);
  orders.apply(change('update', row(1, 1, {status: 'paid'})), 1234);
  assert.equal(orders.get('{"id":"1"}').changedAtMs, 1234);
  assert.equal(orders.get('{"id":"2"}'), before);
});

test('a row too large for the stream keeps what was known of it', () => {
  const orders = loaded([row(1, 1, {customer_name: 'Mei'})]);
  orders.apply({op: 'update', key: {id: '1'}, row: null, truncated: true}, 0);
  const entry = orders.get('{"id":"1"}');
  assert.equal(entry.row.customer_name, 'Mei');
  assert.equal(entry.incomplete, true);
  orders.apply({op: 'insert', key: {id: '2'}, row: null, truncated: true}, 0);
  assert.deepEqual(ids(orders), ['1', '2']);
});

test('a selection has the first of the matching orders and the number of all', () => {
  const orders =
      loaded(Array.from({length: 50}, (_, i) => row(i, i, {status: i % 2 ? 'paid' : 'created'})));
  const {shown, total} = orders.select(new Filter({group: 'paid'}), 10);
  assert.equal(total, 25);
  assert.deepEqual(shown.slice(0, 3).map((entry) => entry.row.id), ['49', '47', '45']);
  assert.equal(shown.length, 10);
});

test('a search finds all its words, in any field and case', () => {
  const orders = loaded([
    row(1, 1, {
      customer_name: 'Émilie Laurent',
      items: [{name: 'Hand grinder', qty: 1}],
      order_number: 'A-7'
    }),
    row(2, 2, {customer_name: 'Emil', note: 'GRINDER wanted'}),
  ]);
  const found = (text) => ids(orders, new Filter({text}));
  assert.deepEqual(found('grinder'), ['2', '1']);
  assert.deepEqual(found('  laurent GRIND '), ['1']);
  assert.deepEqual(found('a-7'), ['1']);
  assert.deepEqual(found('e\u0301milie'), ['1']);
  assert.deepEqual(found('grinder nobody'), []);
});

test('a filter survives the address of the page, and nonsense there is ignored', () => {
  const filter = new Filter({group: 'paid', text: 'a&b = "c"'});
  assert.deepEqual(Filter.fromQuery(filter.toQuery()), filter);
  assert.equal(Filter.fromQuery('status=__proto__&q=').isEverything, true);
  assert.equal(EVERYTHING.toQuery(), '');
});
