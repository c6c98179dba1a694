// When a list stands still, and when it moves again. By a pointer that the test drives.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {Hold} from '../../web/board/hold.js';

import {FakeBrowser} from './support/fake_browser.mjs';

let browser;
let list;
let fresh;
let hold;
let released;

// As much of an element as there is use for.
class FakeElement extends EventTarget {
  scrollTop = 0;

  contains(element) { return element === this; }

  happens(type, more = {}) { this.dispatchEvent(Object.assign(new Event(type), more)); }
}

beforeEach(() => {
  browser = new FakeBrowser();
  browser.install();
  [list, fresh] = [new FakeElement(), new FakeElement()];
  released = 0;
  hold = new Hold(list, fresh, () => released += 1);
});

afterEach(() => browser.uninstall());

test('a list is held while the pointer is in it, or on the button of what waits', () => {
  assert.equal(hold.active, false);
  list.happens('pointerover');
  assert.equal(hold.active, true);
  list.happens('pointerleave', {relatedTarget: fresh});
  fresh.happens('pointerover');
  assert.deepEqual([hold.active, released], [true, 0]);
  fresh.happens('pointerleave', {relatedTarget: null});
  assert.deepEqual([hold.active, released], [false, 1]);
});

// The button goes, and tells nobody that the pointer has left it; then comes the list's own
// scrolling to its head.
test('release() forgets where the pointer was, until it is seen again', () => {
  list.scrollTop = 500;
  list.happens('scroll');
  fresh.happens('pointerover');
  list.scrollTop = 0;
  hold.release();
  assert.deepEqual([hold.active, released], [false, 1]);
  list.happens('scroll');
  assert.equal(hold.active, false);
  list.happens('pointermove');
  assert.equal(hold.active, true);
});
