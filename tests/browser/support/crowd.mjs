// Many EventSources in one page, native ones, and what each was told.

import {eventually} from './eventually.mjs';

export class Crowd {
  #page;

  // `url`: of a site whose pages need nothing. Waits until all are live.
  static async open(context, url, size) {
    const crowd = new Crowd();
    crowd.#page = await context.newPage();
    await crowd.#page.goto(`${url}/livez`);
    await crowd.#page.evaluate(openSources, size);
    await eventually(() => crowd.#page.evaluate(() => sources.every(({hellos}) => hellos > 0)),
                     () => crowd.says());
    return crowd;
  }

  // Of the connection that they share.
  protocol() {
    return this.#page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol);
  }

  // Waits until each was told exactly these orders, in this sequence.
  toldExactly(ids) {
    return eventually(
        () => this.#page.evaluate(
            (ids) => sources.every(({told}) => told.length === ids.length) &&
                sources.every(({told}) => told.join() === ids.join()), ids),
        async () => ({expected: ids.slice(-9), ...await this.says()}));
  }

  // How often each was opened until now.
  opens() { return this.#page.evaluate(() => sources.map(({opens}) => opens)); }

  // Waits until each was opened more often than then.
  reopened(before) {
    return eventually(
        () => this.#page.evaluate((before) => sources.every(({opens}, i) => opens > before[i]),
                                  before),
        () => this.says());
  }

  // How many are closed for ever.
  closed() { return this.#page.evaluate(() => sources.filter(({closed}) => closed).length); }

  says() {
    return this.#page.evaluate(() => ({
      closed: sources.filter(({closed}) => closed).length,
      lengths: sources.map(({told}) => told.length),
      first: sources[0].told.slice(-9),
    }));
  }

  close() { return this.#page.close(); }
}

// Runs in the page.
function openSources(size) {
  window.sources = Array.from({length: size}, () => {
    const source = {told: [], hellos: 0, opens: 0, closed: false};
    const events = new EventSource('/v1/streams/orders?events=insert&select=id');
    events.onopen = () => source.opens += 1;
    events.onerror = () => source.closed ||= events.readyState === EventSource.CLOSED;
    events.addEventListener('hello', () => source.hellos += 1);
    events.addEventListener('insert', ({data}) => source.told.push(JSON.parse(data).key.id));
    return source;
  });
}
