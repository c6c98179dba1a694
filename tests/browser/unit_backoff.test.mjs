import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Backoff} from '../../web/backoff.js';

const delays = (backoff, count) => Array.from({length: count}, () => backoff.next());

test('the range of delays doubles up to the cap', () => {
  const longest = new Backoff({floorMs: 100, capMs: 1000, random: () => 1});
  assert.deepEqual(delays(longest, 5), [200, 400, 800, 1000, 1000]);
});

test('a delay is never below the floor', () => {
  const shortest = new Backoff({floorMs: 100, capMs: 1000, random: () => 0});
  assert.deepEqual(delays(shortest, 3), [100, 100, 100]);
});

test(
    'already the first delay is spread, so that clients which were cut together come back apart',
    () => {
      const first = (random) =>
          new Backoff({floorMs: 100, capMs: 1000, random: () => random}).next();
      assert.notEqual(first(0.1), first(0.9));
    });

test('a reset starts again from the floor', () => {
  const backoff = new Backoff({floorMs: 100, capMs: 1000, random: () => 1});
  delays(backoff, 4);
  backoff.reset();
  assert.equal(backoff.next(), 200);
});
