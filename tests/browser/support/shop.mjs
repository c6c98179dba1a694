// What the tests of a file share: one browser, and one shop that it looks at.
//
//   import {browser, ordercast, shareShop} from './support/shop.mjs';
//   shareShop({orders: 0});
//
// Node runs each file in a process of its own, so these are the file's.

import {after, before} from 'node:test';

import {launchChromium} from './chromium.mjs';
import {Ordercast} from './ordercast.mjs';

// There from the file's first test, and from its own before() that stands below, to the last.
export let browser;
export let ordercast;

// `options` are those of Ordercast.start(), `launch` makes the browser.
export function shareShop(options = {}, launch = launchChromium) {
  before(async () => {
    browser = await launch();
    ordercast = await Ordercast.start(options);
  });

  after(async () => {
    await browser?.close();
    await ordercast?.stop();
  });
}
