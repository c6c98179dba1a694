// A browser that the test drives: the connections it was asked for, a clock that moves when told
// to, what the server answers, what the page learns of its network and of itself. It stands in for
// as many globals as web/ordercast.js uses.

let browsers = 0;

export class FakeBrowser {
  // What was asked for with EventSource, and with fetch: newest last.
  sources = [];
  questions = [];
  // What the page's callbacks threw.
  reported = [];
  // What fetch answers: a status, or an Error.
  answer = 200;
  detail = '';
  nowMs = 1_000_000;
  navigator = {onLine: true};
  document = {hidden: false};
  sessionStorage = {};
  #timers = new Map();
  #nextTimer = 1;
  #listeners = [];
  #before = {};

  // From now on it is the browser; uninstall() brings back what was there.
  install() {
    const browser = this;
    const globals = {
      self: globalThis,
      location: `http://browser-${++browsers}.example/shop/`,
      navigator: this.navigator,
      document: this.document,
      sessionStorage: this.sessionStorage,
      EventSource: class extends FakeEventSource {
        constructor(url, options) {
          super(url, options);
          browser.sources.push(this);
        }
      },
      fetch: async (url, options) => {
        browser.questions.push(new URL(url));
        if (browser.answer instanceof Error) throw browser.answer;
        options.signal.throwIfAborted();
        return {status: browser.answer, json: async () => ({detail: browser.detail})};
      },
      setTimeout: (action, ms) => {
        this.#timers.set(this.#nextTimer, {action, atMs: this.nowMs + ms});
        return this.#nextTimer++;
      },
      clearTimeout: (timer) => this.#timers.delete(timer),
      addEventListener: (type, action, {signal}) =>
          this.#listeners.push({type, action, signal}),
      reportError: (error) => this.reported.push(error),
    };
    for (const [name, value] of Object.entries(globals)) {
      this.#before[name] = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, {value, configurable: true, writable: true});
    }
    this.#before.now = Date.now;
    this.#before.random = Math.random;
    Date.now = () => this.nowMs;
    Math.random = () => 0.5;
  }

  uninstall() {
    const {now, random, ...globals} = this.#before;
    Date.now = now;
    Math.random = random;
    for (const [name, descriptor] of Object.entries(globals)) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  }

  // The latest connection.
  get source() { return this.sources.at(-1); }

  get query() { return this.source.url.searchParams; }

  // Lets what was promised happen.
  settle() { return new Promise(setImmediate); }

  // Lets time pass.
  async pass(ms) {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [due] = [...this.#timers]
                        .filter(([, {atMs}]) => atMs <= endMs)
                        .sort(([, a], [, b]) => a.atMs - b.atMs);
      if (!due) break;
      const [timer, {action, atMs}] = due;
      this.#timers.delete(timer);
      this.nowMs = atMs;
      action();
      await this.settle();
    }
    this.nowMs = endMs;
  }

  // Lets time pass until another connection is asked for; says how long that took.
  async untilReopened() {
    const fromMs = this.nowMs;
    for (const before = this.sources.length; this.sources.length === before;) {
      if (this.nowMs - fromMs > 600_000) throw new Error('no other connection was asked for');
      await this.pass(10);
    }
    return this.nowMs - fromMs;
  }

  // Tells the page of an event of its window.
  async happens(type, event = {}) {
    for (const listener of this.#listeners) {
      if (listener.type === type && !listener.signal.aborted) listener.action(event);
    }
    await this.settle();
  }
}

// As much of an EventSource as there is use for.
class FakeEventSource {
  readyState = 0;
  onerror = null;
  #listeners = new Map();
  #lastEventId = '';

  constructor(url, options) {
    this.url = new URL(url);
    this.options = options;
  }

  addEventListener(type, listener) { this.#listeners.set(type, listener); }

  close() { this.readyState = 2; }

  // An event without an id has that of the one before, as in a browser.
  async send(type, data = {}, id = this.#lastEventId) {
    if (this.readyState === 2) return;
    this.readyState = 1;
    this.#lastEventId = id;
    this.#listeners.get(type)?.(
        {data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId: id});
    await new Promise(setImmediate);
  }

  // The connection broke; the browser tries again by itself.
  async drop() {
    this.readyState = 0;
    this.onerror();
    await new Promise(setImmediate);
  }

  // The answer was not 200: the browser has given up.
  async refuse() {
    this.readyState = 2;
    this.onerror();
    await new Promise(setImmediate);
  }
}
