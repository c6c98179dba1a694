import assert from 'node:assert/strict';
import {test} from 'node:test';

import {MAX_TEXT, Query} from '../../web/board/query.js';

const filterOf = (values) => decodeURIComponent(new Query(values).toFilter().replaceAll('+', ' '));

test('no wish is no filter', () => {
  assert.equal(new Query().toFilter(), '');
  assert.equal(new Query({sort: 'waiting'}).isEverything, true);
});

test('merchant, status and words become conditions of the stream', () => {
  assert.equal(
      filterOf({merchant: '2', status: 'open', text: 'mei'}),
      'merchant_id=eq.2&status=in.(created,paid,packed,shipped)' +
          '&or=(order_number.ilike."*mei*",customer_name.ilike."*mei*",note.ilike."*mei*")');
});

test('each of several words must be somewhere', () => {
  assert.match(filterOf({text: ' mei  door '}), /^and=\(or\(.*"\*mei\*".*\),or\(.*"\*door\*".*\)\)$/);
});

test('what means something to a pattern or a list is taken literally', () => {
  assert.match(filterOf({text: '5%'}), /note\.ilike\."\*5\\\\%\*"/);
  assert.match(filterOf({text: 'a"b'}), /note\.ilike\."\*a\\"b\*"/);
  assert.match(filterOf({text: 'a\\b'}), /note\.ilike\."\*a\\\\\\\\b\*"/);
});

test('the address keeps the query, and what else stands in it', () => {
  const query = new Query({text: '王 &', merchant: '3', status: 'paid', sort: 'waiting'});
  const address = query.toAddress('?wall&q=old');
  assert.match(address, /^wall=&/);
  assert.deepEqual(Query.fromAddress(address), query);
  assert.equal(new Query().toAddress(`?${address}`), 'wall=');
});

test('an address that makes no sense asks for all orders', () => {
  const query = Query.fromAddress('?merchant=1)or(&status=constructor&sort=toString');
  assert.deepEqual({...query}, {...new Query()});
});

test('the longest search fits into the target of a request, with a cursor', () => {
  const query = new Query({text: '\u{884c}'.repeat(100), merchant: '9'.repeat(18), status: 'open'});
  assert.equal(query.text.length, MAX_TEXT);
  const words = new Query({text: '\u{884c} '.repeat(20)});
  for (const each of [query, words]) assert.ok(each.toFilter().length < 1900, each.toFilter().length);
});
