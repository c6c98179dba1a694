// The board in a browser, as its user meets it: what it shows, and what went wrong on it.

import assert from 'node:assert/strict';

// Generous: what is waited for comes in milliseconds, but the machine may be compiling as well.
const WAIT_MS = 60_000;

// Words of the English board for the statuses of the table.
export const LABELS = {
  created: 'New',
  paid: 'Accepted',
  packed: 'Packed',
  shipped: 'Shipped',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
};

// High enough that all orders of a small shop are in sight: those out of sight are not in the page.
const TALL = {width: 1600, height: 2600};

// Runs in the page: what each of its orders says, in short, lane by lane.
function defineBoardLines() {
  window.boardLines = () => [...document.querySelectorAll('.slot')].map((slot) => {
    const says = (name) => slot.querySelector(`[data-part=${name}]`).textContent;
    return `${says('number')}|${slot.closest('.lane').dataset.lane}`;
  });
}

export class BoardPage {
  // Console errors (a violated Content-Security-Policy is one), exceptions and dialogs.
  problems = [];

  // Opens the board and waits until it is live.
  static async open(browser, url, options = {}) {
    const board = await BoardPage.create(browser, options);
    await board.page.goto(url);
    await board.phase('live');
    return board;
  }

  // An empty page that is watched already.
  static async create(browser, options = {}) {
    const context = await browser.newContext({viewport: TALL, ...options});
    context.setDefaultTimeout(WAIT_MS);
    await context.addInitScript(defineBoardLines);
    return new BoardPage(await context.newPage());
  }

  // From the next visit on the stream is the page's own. When Chromium is told to be offline, its
  // pages are, but not their workers: a second later the board would be live again.
  withoutWorker() { return this.page.addInitScript(() => delete window.SharedWorker); }

  constructor(page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
  }

  // From the next page on time goes as fast as the test likes, also for requests that wait for an
  // answer.
  async useClock() {
    await this.page.clock.install();
    await this.page.addInitScript(() => AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException('', 'TimeoutError')), ms);
      return controller.signal;
    });
  }

  // Closes the page, which must have had no problem but those that `expected` matches.
  async close({expected = /^$/} = {}) {
    await this.page.context().close();
    assert.deepEqual(this.problems.filter((problem) => !expected.test(problem)), []);
  }

  // The order with that id in its lane. While a lane is held, an order that has gone on stands in
  // two: this is the one that is where it belongs.
  row(id) { return this.page.locator(`${slotOf(id)}:not(:has([data-retired]))`); }

  // The place of that order on the screen, wherever it belongs.
  place(id) { return this.page.locator(slotOf(id)); }

  // Waits until the connection is in that phase.
  phase(name) { return this.page.locator(`#pill[data-phase=${name}]`).waitFor(); }

  // Waits until that order says exactly this: texts by the names of its parts.
  async says(id, texts) {
    const said = ([selector, expected]) => {
      const row = document.querySelector(selector);
      const says = (name) => row.querySelector(`[data-part=${name}]`).textContent;
      return row && Object.entries(expected).every(([name, text]) => says(name) === text);
    };
    await this.page.waitForFunction(said, [`${slotOf(id)}:not(:has([data-retired]))`, texts])
        .catch(async () => assert.deepEqual(await this.#texts(id, Object.keys(texts)), texts));
  }

  // Waits until that order is in that lane.
  isIn(id, lane) { return this.page.locator(`[data-lane=${lane}] ${slotOf(id)}`).waitFor(); }

  async #texts(id, names) {
    const texts = {};
    for (const name of names)
      texts[name] = await this.row(id).locator(`[data-part=${name}]`).textContent();
    return texts;
  }

  // "number|status" of each order in sight, lane by lane, from the top.
  lines() { return this.page.evaluate(() => window.boardLines()); }

  // Waits until the orders are exactly those of the table that `where` selects, in sequence.
  async equalsTable(ordercast, where = 'true') {
    const table = await ordercast.sql(`SELECT order_number || '|' || status FROM orders
        WHERE ${where}
        ORDER BY array_position(
          ARRAY['created', 'paid', 'packed', 'shipped', 'delivered', 'cancelled'], status),
          updated_at DESC, id DESC`);
    await this.page
        .waitForFunction((expected) => window.boardLines().join('\n') === expected, table)
        .catch(async () => assert.equal((await this.lines()).join('\n'), table));
  }

  // From now on notes each flash: the order's key and the name of the animation that ran.
  async watchFlashes() {
    await this.page.evaluate(() => {
      window.flashes = [];
      document.addEventListener('animationstart', (event) => {
        const slot = event.target.closest('.slot');
        if (slot) window.flashes.push({key: slot.dataset.key, animation: event.animationName});
      }, true);
    });
  }

  // Waits until the order has flashed, and forgets it; answers with the animation's name.
  async flashed(id) {
    const animation = await this.page.waitForFunction((key) => {
      const flash = window.flashes.find((each) => each.key === key);
      window.flashes = window.flashes.filter((each) => each.key !== key);
      return flash?.animation;
    }, keyOf(id));
    return animation.jsonValue();
  }
}

function keyOf(id) { return `{"id":"${id}"}`; }

function slotOf(id) { return `.slot[data-key='${keyOf(id)}']`; }

// SQL that inserts an order; answers with its id.
export function insertOrder(ordercast, values = {}) {
  const columns =
      {merchant_id: '1', customer_name: 'Test', currency: 'EUR', total: '10.00', ...values};
  const literals = Object.values(columns).map(
      (value) => value === null ? 'NULL' : `'${String(value).replaceAll('\'', '\'\'')}'`);
  const names = Object.keys(columns).join(', ');
  return ordercast.sql(
      `INSERT INTO orders (${names}) VALUES (${literals.join(', ')}) RETURNING id`);
}
