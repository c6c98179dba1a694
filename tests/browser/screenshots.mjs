// Takes the pictures of the board that the documentation shows, of a real shop that trades:
//   ORDERCAST_BINARY=build/release/ordercast node tests/browser/screenshots.mjs docs/images
// With the fonts of the machine: fonts-inter and fonts-noto-cjk are the ones the board looks best
// with.

import {join} from 'node:path';

import {BoardPage} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {Ordercast} from './support/ordercast.mjs';

const DESKTOP = {
  viewport: {width: 1440, height: 900},
  deviceScaleFactor: 2
};
const PHONE = {
  viewport: {width: 390, height: 844},
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true
};
const WALL = {
  viewport: {width: 1920, height: 1080}
};
const SEEDED_ORDERS = 320;
// Before each picture: some seconds for its graphs.
const STEPS = 40;
const PAUSE_S = 0.25;

const PICTURES = [
  {name: 'board-light', options: {...DESKTOP, colorScheme: 'light'}},
  {name: 'board-dark', options: {...DESKTOP, colorScheme: 'dark'}},
  {name: 'board-zh', query: '?lang=zh', options: {...DESKTOP, colorScheme: 'light'}},
  {name: 'board-phone', options: {...PHONE, colorScheme: 'light'}},
  {name: 'board-wall', query: '?wall', options: {...WALL, colorScheme: 'dark'}},
  {
    name: 'board-inspector',
    options: {...DESKTOP, colorScheme: 'light'},
    async before(board) {
      await board.page.keyboard.press('i');
      await board.page.locator('.frame').first().waitFor();
    },
    async after(board) {
      await board.page.locator('.frame[data-event=update] summary').first().click();
    },
  },
  {
    name: 'board-reconnecting',
    options: {...DESKTOP, colorScheme: 'light'},
    async after(board, ordercast) {
      await ordercast.kill();
      await board.phase('reconnecting');
    },
  },
];

// Steps of trade at random moments, in psql.
const trade = (ordercast, steps, pauseS) => ordercast.sql(`
    DO $$ BEGIN
      FOR i IN 1 .. ${steps} LOOP
        PERFORM shop.tick();
        COMMIT;
        PERFORM pg_sleep(random() * ${2 * pauseS});
      END LOOP;
    END $$`);

// Nothing slides any more; what has changed last still glows.
const settled = (page) => page.waitForFunction(
    () => !document.getAnimations().some((animation) => animation instanceof CSSTransition));

async function take({name, query = '', options, before, after}, ordercast, folder) {
  const board = await BoardPage.open(browser, `${ordercast.url}/${query}`, options);
  await trade(ordercast, STEPS, PAUSE_S);
  await before?.(board);
  await trade(ordercast, 3, PAUSE_S);
  await after?.(board, ordercast);
  await settled(board.page);
  await board.page.screenshot({path: join(folder, `${name}.png`)});
  await board.page.context().close();
}

const folder = process.argv[2];
if (!folder) throw new Error('usage: node screenshots.mjs FOLDER');
const browser = await launchChromium();
const ordercast = await Ordercast.start({orders: SEEDED_ORDERS});
try {
  for (const picture of PICTURES) await take(picture, ordercast, folder);
} finally {
  await browser.close();
  await ordercast.stop();
}
