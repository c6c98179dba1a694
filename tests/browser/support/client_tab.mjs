// A tab of a real browser, playwright's or puppeteer's, with the client library on a page of the
// server that says nothing itself.

import {eventually} from './eventually.mjs';

export class ClientTab {
  #page;

  static async open(context, url) {
    const tab = new ClientTab();
    tab.#page = await context.newPage();
    await tab.visit(`${url}/livez`);
    return tab;
  }

  visit(url) { return this.#page.goto(url); }

  reload() { return this.#page.reload(); }

  // Chromium's developer tools for it.
  devTools(context) { return context.newCDPSession(this.#page); }

  // Shows it, in place of the tab that was shown.
  show() { return this.#page.bringToFront(); }

  close() { return this.#page.close(); }

  run(action, argument) { return this.#page.evaluate(action, argument); }

  // Waits until `action` says something true in the page.
  until(action, argument) {
    return eventually(() => this.run(action, argument), () => this.run(() => window.statuses));
  }

  // Opens a Collection. `without`: names of what this browser shall not have. `renews`: whether the
  // page knows how to sign in.
  collect({without = [], renews = false, ...options} = {}) {
    return this.run(async ({without, renews, options}) => {
      for (const name of without) delete window[name];
      const {Collection} = await import('/ordercast.js');
      window.resets = [];
      window.statuses = [];
      const renew = async () => (await fetch('/sign-in', {method: 'POST'})).ok;
      window.latest = window.orders = new Collection('/v1/streams/orders', {
        onReset: (rows, reset) => resets.push(reset?.reason ?? 'first'),
        onStatus: (status) => statuses.push(status),
      }, {...options, renew: renews ? renew : undefined});
    }, {without, renews, options});
  }

  // Opens a Feed that writes what it hears where it survives the page.
  feed() {
    return this.run(async () => {
      const {Feed} = await import('/ordercast.js');
      window.statuses = [];
      const heard = () => JSON.parse(localStorage.heard ?? '[]');
      window.latest = new Feed('/v1/streams/orders', {
        onEvent: ({key}) => localStorage.heard = JSON.stringify([...heard(), key.id]),
        onReset: ({reason}) => localStorage.heard = JSON.stringify([...heard(), reason]),
        onStatus: (status) => statuses.push(status),
      });
    });
  }

  // Waits until the connection is in that phase.
  phase(name) {
    return this.until((name) => window.latest.status.phase === name, name);
  }

  // How often all rows were replaced, and why.
  resets() { return this.run(() => window.resets); }

  // Waits until the rows are exactly those of the table.
  async equalsTable(ordercast) {
    const table = (await ordercast.sql(`SELECT id || '|' || status || '|' || total FROM orders`))
                      .split('\n')
                      .sort()
                      .join('\n');
    await this.until(
        (table) => orders.loaded &&
            [...orders.rows.values()]
                    .map(({id, status, total}) => `${id}|${status}|${total}`)
                    .sort()
                    .join('\n') === table,
        table);
  }
}
