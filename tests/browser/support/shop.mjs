// What the tests of a file share: one browser, and one shop that it looks at.
//
//   import {browser, ordercast, shareShop} from './support/shop.mjs';
//   shareShop({orders: 0});
//
// Node runs each file in a process of its own, so these are the file's.

import {after, before} from 'node:test';

import {launchChromium} from './chromium.mjs';
import {Ordercast} from './ordercast.mjs';

// From the file's first test to its last.
export let browser;
export let ordercast;

// `options` are those of Ordercast.start(), `launch` makes the browser. What else a file needs
// before its tests, of the shop, is `prepare`: Node does not wait for one before() at the top of a
// file before it begins the next.
export function shareShop(options = {}, {launch = launchChromium, prepare = () => {}} = {}) {
  before(async () => {
    browser = await launch();
    ordercast = await Ordercast.start(options);
    await prepare();
  });

  after(async () => {
    await browser?.close();
    await ordercast?.stop();
  });
}
