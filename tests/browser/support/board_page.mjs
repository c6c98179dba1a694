// The board in a browser, as its user meets it: what it shows, and what went wrong on it.

import assert from 'node:assert/strict';

// Generous: what is waited for comes in milliseconds, but the machine may be compiling as well.
const WAIT_MS = 15_000;

// Runs in the page: what each of its rows says, in short.
function defineBoardLines() {
  window.boardLines = () => [...document.querySelectorAll('tbody tr')].map((row) => {
    const says = (name) => row.querySelector(`[data-part=${name}]`).textContent;
    return `${says('number')}|${says('status')}`;
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
    const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
    context.setDefaultTimeout(WAIT_MS);
    await context.addInitScript(defineBoardLines);
    return new BoardPage(await context.newPage());
  }

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

  // Closes the page, which must have had no problem but those that `expected` matches.
  async close({expected = /^$/} = {}) {
    await this.page.context().close();
    assert.deepEqual(this.problems.filter((problem) => !expected.test(problem)), []);
  }

  // The row of the order with that id.
  row(id) { return this.page.locator(`tbody tr[data-key='${keyOf(id)}']`); }

  // Waits until the connection is in that phase.
  phase(name) { return this.page.locator(`#pill[data-phase=${name}]`).waitFor(); }

  // Waits until the row of that order says exactly this: texts by the names of its parts.
  async says(id, texts) {
    const said = ([key, expected]) => {
      const row = document.querySelector(`tr[data-key='${key}']`);
      const says = (name) => row.querySelector(`[data-part=${name}]`).textContent;
      return row && Object.entries(expected).every(([name, text]) => says(name) === text);
    };
    await this.page.waitForFunction(said, [keyOf(id), texts])
        .catch(async () => assert.deepEqual(await this.#texts(id, Object.keys(texts)), texts));
  }

  async #texts(id, names) {
    const texts = {};
    for (const name of names)
      texts[name] = await this.row(id).locator(`[data-part=${name}]`).textContent();
    return texts;
  }

  // "number|status" of each row, from the top.
  lines() { return this.page.evaluate(() => window.boardLines()); }

  // Waits until the rows are exactly those of the table, in order.
  async equalsTable(ordercast) {
    const table = await ordercast.sql(`SELECT order_number || '|' || initcap(status) FROM orders
        ORDER BY created_at DESC, id DESC`);
    await this.page
        .waitForFunction((expected) => window.boardLines().join('\n') === expected, table)
        .catch(async () => assert.equal((await this.lines()).join('\n'), table));
  }

  // From now on notes each flash: the order's key and the name of the animation that ran.
  async watchFlashes() {
    await this.page.evaluate(() => {
      window.flashes = [];
      document.addEventListener('animationstart', (event) => {
        const row = event.target.closest('tbody tr');
        if (row) window.flashes.push({key: row.dataset.key, animation: event.animationName});
      }, true);
    });
  }

  // Waits until the order's row has flashed, and forgets it; answers with the animation's name.
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
