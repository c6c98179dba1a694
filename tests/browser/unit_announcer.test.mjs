import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Announcer, MIN_INTERVAL_MS} from '../../web/announcer.js';

function start() {
  const said = [];
  const timers = [];
  const announcer =
      new Announcer((text) => said.push(text), (action, ms) => timers.push({action, ms}));
  return {announcer, said, timers, intervalPasses: () => timers.shift().action()};
}

test('the first word is said at once, the rest together after the interval', () => {
  const {announcer, said, timers, intervalPasses} = start();
  announcer.change('insert');
  for (let i = 0; i < 100; ++i) announcer.change(i % 2 ? 'insert' : 'update');
  assert.deepEqual(said, ['Orders: 1 new.']);
  assert.equal(timers[0].ms, MIN_INTERVAL_MS);
  intervalPasses();
  assert.deepEqual(said.slice(1), ['Orders: 50 new, 50 changed.']);
});

test('of several states only the latest is said', () => {
  const {announcer, said, intervalPasses} = start();
  announcer.state('Live.');
  announcer.state('Connection lost.');
  announcer.state('Live again.');
  announcer.change('delete');
  intervalPasses();
  assert.deepEqual(said, ['Live.', 'Live again. Orders: 1 removed.']);
});

test('nothing new: nothing is said and no timer runs on', () => {
  const {announcer, said, timers, intervalPasses} = start();
  announcer.state('Live.');
  intervalPasses();
  assert.deepEqual([said.length, timers.length], [1, 0]);
  announcer.state('Offline.');
  assert.deepEqual(said, ['Live.', 'Offline.']);
});
