import assert from 'node:assert/strict';
import {test} from 'node:test';

import {SECONDS, SecondsRing} from '../../web/board/seconds_ring.js';

const T = 1_700_000_000_000;

test('events are counted by second, without the present one', () => {
  const ring = new SecondsRing();
  for (const ms of [0, 10, 999, 1000, 3000]) ring.add(T + ms);
  assert.deepEqual(ring.counts(T + 3500).slice(-3), [3, 1, 0]);
  assert.equal(ring.rate(T + 3500, 4), 1);
});

test('a minute later they are forgotten, and their places used again', () => {
  const ring = new SecondsRing();
  ring.add(T, 5);
  assert.equal(ring.counts(T + SECONDS * 1000)[0], 1);
  assert.deepEqual(ring.counts(T + (SECONDS + 1) * 1000).filter(Boolean), []);
  ring.add(T + (SECONDS + 1) * 1000, 7);
  assert.equal(ring.latency(0.5, T + (SECONDS + 2) * 1000), 7);
});

test('the latency that half and 99 of 100 kept to', () => {
  const ring = new SecondsRing();
  for (let ms = 1; ms <= 100; ++ms) ring.add(T, ms);
  ring.add(T);  // nobody saw this one
  const now = T + 1000;
  assert.deepEqual([ring.latency(0.5, now), ring.latency(0.99, now)], [50, 99]);
  assert.equal(ring.latencies(0.99, now).at(-1), 99);
  assert.equal(ring.latency(0.5, now + 100_000), null);
});
