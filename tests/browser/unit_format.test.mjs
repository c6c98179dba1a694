// Amounts with more digits than a double holds are tested in the browser (board.test.mjs):
// formatting them from a string takes an engine newer than Node.js 18.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Format, itemsSummary, parseMicros, plain} from '../../web/board/format.js';

const format = new Format('en');
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('a timestamp keeps its microseconds', () => {
  const whole = parseMicros('2026-11-23T17:00:00+00:00');
  assert.equal(parseMicros('2026-11-23T17:00:00.123456+00:00') - whole, 123456);
  assert.equal(parseMicros('2026-11-23T17:00:00.1+00:00') - whole, 100000);
  assert.equal(parseMicros('2026-11-23T18:00:00.000001+01:00') - whole, 1);
});

test('what is no timestamp has no time', () => {
  for (const value of ['yesterday', '', null, undefined, {}])
    assert.ok(Number.isNaN(parseMicros(value)), String(value));
});

test('an amount has the digits of its currency, and more when the database has more', () => {
  assert.equal(format.money('129.90', 'EUR'), '€129.90');
  assert.equal(format.money('129.9', 'EUR'), '€129.90');
  assert.equal(format.money('1234567', 'EUR'), '€1,234,567.00');
  assert.equal(format.money('3500', 'JPY'), '¥3,500');
  assert.equal(format.money('0.125', 'USD'), '$0.125');
  assert.equal(format.money('-4.50', 'GBP'), '-£4.50');
});

test('an amount that is no decimal, or in no currency, is shown as it is', () => {
  assert.equal(format.money('NaN', 'EUR'), 'NaN EUR');
  assert.equal(format.money('12.50', 'dollars'), '12.50 dollars');
  assert.equal(format.money('12.50', null), '12.50');
  assert.equal(format.money(null, 'EUR'), '—');
  assert.equal(format.money({evil: 1}, 'EUR'), '{"evil":1} EUR');
});

test(
    'an amount with more fraction digits than an engine formats is shown as the database wrote it',
    () => {
      const text = `0.${'1234567890'.repeat(12)}`;
      assert.equal(format.money(text, 'EUR'), `${text} EUR`);
    });

test('an age is told in its largest unit', () => {
  const now = Date.parse('2026-11-23T17:00:00Z');
  const ages = [
    [0, '0s'], [59 * SECOND, '59s'], [MINUTE, '1m'], [59 * MINUTE, '59m'], [HOUR, '1h'],
    [25 * HOUR, '1d'], [30 * DAY, '30d']
  ];
  for (const [age, text] of ages) assert.equal(format.elapsed(now - age, now), text);
});

test('the first hour of a day is 00', () => {
  for (const each of [format, new Format('zh-CN')]) {
    assert.equal(each.clock(new Date(2026, 0, 1, 0, 5)), '00:05');
    assert.equal(each.clockWithSeconds(new Date(2026, 0, 1, 0, 5, 9)), '00:05:09');
  }
});

test('a time ahead of this clock is now, and no time is a dash', () => {
  assert.equal(format.elapsed(5000, 0), '0s');
  assert.equal(format.elapsed(NaN, 0), '—');
});

test('a latency is told in milliseconds, and a rate in two digits', () => {
  assert.deepEqual([0.4, 12.6, 1234, NaN].map((ms) => format.latency(ms)), ['0ms', '13ms', '1.2s', '—']);
  assert.deepEqual([0, 0.84, 4.26, 1234.5].map((rate) => format.rate(rate)), ['0', '0.84', '4.3', '1,235']);
});

test('items are summed up by quantity and name', () => {
  assert.equal(
      itemsSummary([{sku: 'A', name: 'Espresso', qty: 2, price: 3}, {name: 'Cake', qty: 1}]),
      '2 × Espresso, Cake');
  assert.equal(itemsSummary([{sku: 'A-1'}]), 'A-1');
  assert.equal(itemsSummary([]), '—');
});

test('items of any shape are text, and many of them are cut short', () => {
  assert.equal(itemsSummary(null), '—');
  assert.equal(itemsSummary('two cakes'), 'two cakes');
  assert.equal(itemsSummary({a: 1}), '{"a":1}');
  assert.equal(itemsSummary([null, 7, {qty: {}}]), '—, 7, {} × {"qty":{}}');
  assert.match(itemsSummary(Array(100_000).fill({name: 'x'})), /^(x, ){8}\+99992$/);
});

test('plain text of any value', () => {
  assert.deepEqual(
      [plain('a'), plain(0), plain(false), plain(''), plain(null), plain([1])],
      ['a', '0', 'false', '—', '—', '[1]']);
});
