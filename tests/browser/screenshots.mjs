// Takes the pictures of the board that the documentation shows, of a real shop:
//   ORDERCAST_BINARY=build/release/ordercast node tests/browser/screenshots.mjs docs/images
// With the fonts of the machine: fonts-inter and fonts-noto-cjk are the ones the board looks best
// with.

import {join} from 'node:path';

import {BoardPage} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {Ordercast} from './support/ordercast.mjs';

const DESKTOP = {
  viewport: {width: 1280, height: 800},
  deviceScaleFactor: 2
};
const PHONE = {
  viewport: {width: 390, height: 844},
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true
};
const PICTURES = [
  {name: 'board-light', options: {...DESKTOP, colorScheme: 'light'}},
  {name: 'board-dark', options: {...DESKTOP, colorScheme: 'dark'}},
  {name: 'board-phone', options: {...PHONE, colorScheme: 'light'}},
];
const SEEDED_ORDERS = 320;

// Some trade at the top of the list, where the picture shows it; answers with the id of the order
// that changed last.
function trade(ordercast) {
  return ordercast.sql(`
    SELECT id FROM orders WHERE status NOT IN ('delivered', 'cancelled')
     ORDER BY created_at DESC, id DESC OFFSET 2 LIMIT 1 \\gset
    UPDATE orders o SET status = s.next FROM shop.status_steps s
     WHERE id = :id AND s.status = o.status AND s.next <> 'cancelled';
    SELECT FROM shop.place_order();
    SELECT max(id) FROM orders;`);
}

const folder = process.argv[2];
if (!folder) throw new Error('usage: node screenshots.mjs FOLDER');
const browser = await launchChromium();
const ordercast = await Ordercast.start({orders: SEEDED_ORDERS});
try {
  for (const {name, options} of PICTURES) {
    const board = await BoardPage.open(browser, ordercast.url, options);
    await board.watchFlashes();
    await board.flashed((await trade(ordercast)).trim());
    await board.page.screenshot({path: join(folder, `${name}.png`)});
    await board.close();
  }
} finally {
  await browser.close();
  await ordercast.stop();
}
