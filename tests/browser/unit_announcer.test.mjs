import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Announcer, MIN_INTERVAL_MS} from '../../web/board/announcer.js';
import {Locale} from '../../web/board/locale.js';

function start() {
  const said = [];
  const timers = [];
  const announcer = new Announcer(
      (text) => said.push(text), new Locale('en'), (action, ms) => timers.push({action, ms}));
  return {announcer, said, timers, intervalPasses: () => timers.shift().action()};
}

test('the first word is said at once, the rest together after the interval', () => {
  const {announcer, said, timers, intervalPasses} = start();
  announcer.change('insert');
  for (let i = 0; i < 100; ++i) announcer.change(i % 2 ? 'insert' : 'update');
  assert.deepEqual(said, ['1 new order.']);
  assert.equal(timers[0].ms, MIN_INTERVAL_MS);
  intervalPasses();
  assert.deepEqual(said.slice(1), ['50 new orders. 50 orders changed.']);
});

test('of several states only the latest is said, and of several results', () => {
  const {announcer, said, intervalPasses} = start();
  announcer.state('Live.');
  announcer.state('Catching up.');
  announcer.state('Live again.');
  announcer.result('A: Packed.');
  announcer.result('B: Packed.');
  announcer.change('delete');
  intervalPasses();
  assert.deepEqual(said, ['Live.', 'Live again. B: Packed. 1 order removed.']);
});

test('a question is said at once, and the next turn is a whole interval later', () => {
  const {announcer, said, timers, intervalPasses} = start();
  announcer.change('insert');
  announcer.result('A: Packed.');
  announcer.question('B: really cancel?');
  assert.deepEqual(said, ['1 new order.', 'B: really cancel? A: Packed.']);
  announcer.change('delete');
  intervalPasses();  // that of the first word, which does not count any more
  assert.equal(said.length, 2);
  intervalPasses();
  assert.deepEqual([said.slice(2), timers.length], [['1 order removed.'], 1]);
});

test('nothing new: the region is emptied, so that the same again is heard, and no timer runs on', () => {
  const {announcer, said, timers, intervalPasses} = start();
  announcer.change('insert');
  intervalPasses();
  assert.deepEqual([said, timers.length], [['1 new order.', ''], 0]);
  announcer.change('insert');
  assert.deepEqual(said, ['1 new order.', '', '1 new order.']);
});

test('the same again, with no pause between, is another text: else it would not be heard', () => {
  const {announcer, said, intervalPasses} = start();
  announcer.change('insert');
  for (let i = 0; i < 2; ++i) {
    announcer.change('insert');
    intervalPasses();
  }
  assert.deepEqual(said.map((text) => text.trim()), Array(3).fill('1 new order.'));
  assert.notEqual(said[1], said[0]);
  assert.notEqual(said[2], said[1]);
});
