// The browser's client of Ordercast: the rows or the events of a stream, whatever happens to the
// connection. ordercast.d.ts is its manual, docs/client.md its guide.
//
// From the wire to the page:
//
//   Link        one EventSource, and what that lacks: it closes for ever on any status but 200, and
//               does not notice a connection that died without a word
//   Hub         a link and the rows that it brought, for any number of collections
//   connect()   the way from a collection to its hub: in a SharedWorker, which is this same file;
//               where there is none in the tab that holds a Web Lock; else in its own tab
//   Collection  what a page sees of a hub
//   Feed        what a page sees of a link of its own
//
// Collection and hub exchange messages, arrays that begin with a verb:
//   status S | rows {rows, partial} RESET | change NAME DATA | message M | renew      to a collection
//   wake ONLINE | reconnect | renewed BOOLEAN | bye                                   to the hub

// Names the worker, the lock and the channel: pages with another version of these messages have
// another hub.
const PROTOCOL = 'ordercast 1';

const CHANGES = ['insert', 'update', 'delete'];
const EVENTS = [...CHANGES, 'hello', 'ready', 'reset', 'status', 'end', 'heartbeat'];

// The nth delay is uniform in [RETRY_FLOOR_MS, RETRY_FLOOR_MS * 2^n], at most RETRY_CAP_MS: the many
// pages of one lost server do not come back in step, not even at the first try.
const RETRY_FLOOR_MS = 1000;
const RETRY_CAP_MS = 30_000;
// The delays begin again only after this long live, so that a loop of resets slows down.
const SETTLED_MS = 10_000;
// A stream says hello at once: none in this time is a proxy that buffers, or a server that hangs.
const HELLO_MS = 10_000;
// While the browser itself connects again it may hang for minutes on a network that swallows
// packets.
const CONNECT_MS = 30_000;
// A stream that says nothing for this many heartbeats is dead.
const SILENT_HEARTBEATS = 2.5;
// A sign-in that helped for less than this did not help.
const RENEWED_MS = 10_000;
// A tab that is asked to sign in may be gone.
const RENEW_MS = 30_000;
// The count of 'catching-up' is told at the first row and then each time so many more have come.
const COUNT_STEP = 100;

export const keyText = (key) => JSON.stringify(key);

const absolute = (url) => new URL(url, globalThis.document?.baseURI);

// Tells a page's listener. Its exception is its own: it is reported like any other, and changes
// nothing here.
function tell(listener, name, ...values) {
  try {
    listener[name]?.(...values);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

// Answers whether anybody is signed in now.
async function renewed(renew) {
  try {
    return await renew?.() === true;
  } catch {
    return false;
  }
}

// The connection to one stream. It tells its owner
//   take(name, data, id)  an event
//   tell(status)          the status has changed
// and asks it for `cursor`, where to resume ('' is nowhere), and renew(), whether a sign-in helped.
// `spec` has url, messages, withCredentials, and snapshot: whether rows follow a reset.
class Link {
  status = {phase: 'connecting'};
  #spec;
  #owner;
  #source = null;
  // There is one timer: what is to happen unless something happens before. None while the link
  // waits for a sign-in, or is at its end.
  #timer = null;
  // Counts what is tried: an answer to an earlier try means nothing any more.
  #turn = 0;
  #attempts = 0;
  #heartbeatMs = HELLO_MS;
  #heardAt = 0;
  // Whether all that is committed has been sent on this connection, since when, and how many
  // changes or rows have come before.
  #level = false;
  #levelAt = 0;
  #count = 0;
  #freshAt = 0;
  #renewedAt = 0;
  // The last word of the server is that its database is down.
  #down = false;
  #onLine = globalThis.navigator?.onLine;

  constructor(spec, owner) {
    this.#spec = spec;
    this.#owner = owner;
  }

  // Opens the stream where the owner is; again, when it is open or waits.
  open() {
    this.leave();
    const url = new URL(this.#spec.url);
    url.searchParams.set('heartbeat', 'event');
    if (this.#owner.cursor) url.searchParams.set('last_event_id', this.#owner.cursor);
    const source = new EventSource(url, this.#spec);
    source.onerror = () =>
        source.readyState === source.CLOSED ? this.#refused(url) : this.#dropped();
    for (const name of new Set([...EVENTS, ...this.#spec.messages]))
      source.addEventListener(name, (event) => this.#take(name, event));
    this.#source = source;
    this.#heardAt = Date.now();
    this.#after(HELLO_MS, () => this.#retryLater());
  }

  close(problem = null) {
    this.leave();
    this.#enter({phase: 'closed', problem});
  }

  // Closes the connection without a word; open() goes on.
  leave() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#turn += 1;
    this.#level = false;
    this.#source?.close();
    this.#source = null;
  }

  // Something suggests that a dead connection may be found out, or a new one be possible, now.
  wake(onLine) {
    this.#onLine = onLine;
    if (!this.#timer) return;
    const silentMs = Date.now() - this.#heardAt;
    if (!onLine) {
      if (this.#source) this.#retryLater();
    } else if (!this.#source || silentMs > this.#heartbeatMs) {
      this.open();
    }
  }

  #after(ms, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }

  #take(name, event) {
    const now = Date.now();
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return this.#retryLater('not an Ordercast stream');
    }
    if (name === 'hello') {
      this.#heartbeatMs = data.heartbeat_ms;
      this.#level = this.#down = false;
      this.#count = 0;
    }
    this.#heardAt = now;
    if (this.#level) {
      this.#freshAt = now;
      if (now - this.#levelAt > SETTLED_MS) this.#attempts = 0;
    }
    this.#after(SILENT_HEARTBEATS * this.#heartbeatMs, () => this.open());
    const turn = this.#turn;
    this.#owner.take(name, data, event.lastEventId);
    if (turn === this.#turn) this.#follow(name, data);
  }

  // What the event says of the connection.
  #follow(name, data) {
    if (name === 'ready' || name === 'heartbeat') {
      if (!this.#level) this.#levelAt = this.#freshAt = Date.now();
      this.#level = true;
      if (!this.#down) this.#enter({phase: 'live'});
    } else if (name === 'status') {
      this.#down = data.database === 'down';
      if (this.#down) this.#enter({phase: 'stale', sinceMs: this.#freshAt || Date.now()});
      else this.#enter(this.#level ? {phase: 'live'} : {phase: 'catching-up', count: this.#count});
    } else if (name === 'reset') {
      if (this.#spec.snapshot) this.#level = false;
      this.#count = 0;
    } else if (name === 'end') {
      if (data.reason) this.#signIn();
      else this.close();
    } else if (name !== 'hello' && !this.#level && this.#count++ % COUNT_STEP === 0) {
      this.#enter({phase: 'catching-up', count: this.#count});
    }
  }

  // The browser tries again by itself. A server that lost its database ends each stream after saying
  // so: that it is reached remains true.
  #dropped() {
    this.#level = false;
    this.#after(CONNECT_MS, () => this.open());
    if (!this.#down) this.#lost(null, null);
    this.#down = false;
  }

  // The browser has given up, and does not say why: asked again, the server does.
  async #refused(url) {
    this.leave();
    this.#lost(null, null);
    const turn = this.#turn;
    const abort = new AbortController();
    this.#after(HELLO_MS, () => abort.abort());
    let status;
    let problem;
    let leastMs;
    try {
      const credentials = this.#spec.withCredentials ? 'include' : 'same-origin';
      const headers = {accept: 'text/event-stream'};
      const answer = await fetch(url, {headers, credentials, signal: abort.signal});
      status = answer.status;
      problem = `HTTP ${status}`;
      leastMs = 1000 * answer.headers.get('retry-after');
      if (status === 400) problem = (await answer.json()).detail;
    } catch {
      // No answer, or not in the server's words: what is known is enough.
    }
    abort.abort();
    if (turn !== this.#turn) return;
    if (status === 401 || status === 403) this.#signIn();
    else if (status === 204) this.close();
    else if (status === 400) this.close(problem);
    else this.#retryLater(problem, leastMs);
  }

  async #signIn() {
    this.leave();
    this.#lost(null, null);
    const turn = this.#turn;
    const helped = Date.now() - this.#renewedAt > RENEWED_MS && await this.#owner.renew();
    if (turn !== this.#turn) return;
    if (!helped) return this.#enter({phase: 'signed-out'});
    this.#renewedAt = Date.now();
    this.open();
  }

  #retryLater(problem = null, leastMs = 0) {
    this.leave();
    this.#attempts += 1;
    const mostMs = Math.min(RETRY_CAP_MS, RETRY_FLOOR_MS * 2 ** this.#attempts);
    const delayMs = RETRY_FLOOR_MS + Math.random() * (mostMs - RETRY_FLOOR_MS) + (leastMs || 0);
    this.#after(delayMs, () => this.open());
    this.#lost(Date.now() + delayMs, problem);
  }

  #lost(retryAtMs, problem) {
    this.#enter({phase: 'reconnecting', retryAtMs, offline: this.#onLine === false, problem});
  }

  #enter(status) {
    if (JSON.stringify(status) === JSON.stringify(this.status)) return;
    this.status = status;
    this.#owner.tell(status);
  }
}

// Rows by the text of their key; `partial` are those of which columns are missing.
class Table {
  rows = new Map();
  partial = new Set();

  // A row that is too large for the stream comes as its key alone: what was known of it stays.
  apply(name, {key, row}) {
    const id = keyText(key);
    const before = this.rows.get(id);
    this.partial.delete(id);
    if (name === 'delete') {
      this.rows.delete(id);
    } else {
      if (!row) this.partial.add(id);
      this.rows.set(id, row ?? {...before, ...key});
    }
    return {id, before, row: this.rows.get(id) ?? row ?? before};
  }
}

// A stream with its rows, for any number of ports: functions that take a message. (`#table`,
// `cursor`) are always of one moment: while a new snapshot arrives both stay, and a connection that
// is cut meanwhile resumes from there.
class Hub {
  cursor = '';
  #table = null;
  #incoming = null;
  #reset = null;
  #ports = new Set();
  #answer = () => {};
  #onEmpty;
  #link;

  // `onEmpty` is called when the last port has left.
  constructor(spec, onEmpty) {
    this.#onEmpty = onEmpty;
    this.#link = new Link(spec, this);
    this.#link.open();
  }

  attach(port) {
    this.#ports.add(port);
    port(['status', this.#link.status]);
    if (this.#table) port(['rows', this.#table, null]);
  }

  receive(port, [verb, value]) {
    if (verb === 'wake') this.#link.wake(value);
    if (verb === 'reconnect') this.#link.open();
    if (verb === 'renewed') this.#answer(value);
    if (verb === 'bye' && this.#ports.delete(port) && !this.#ports.size) {
      this.#link.close();
      this.#onEmpty();
    }
  }

  take(name, data, id) {
    if (name === 'hello') {
      this.#incoming = data.snapshot ? new Table() : null;
    } else if (name === 'reset') {
      this.#incoming = new Table();
      this.#reset = data;
    } else if (name === 'ready') {
      this.#table = this.#incoming;
      this.#incoming = null;
      this.#post('rows', this.#table, this.#reset);
      this.#reset = null;
    } else if (CHANGES.includes(name)) {
      (this.#incoming ?? this.#table).apply(name, data);
      if (!this.#incoming) this.#post('change', name, data);
    } else if (data.op === 'message') {
      this.#post('message', {event: name, ...data});
    }
    // On a new connection there is no id before the first event that has one.
    if (!this.#incoming && id) this.cursor = id;
  }

  tell(status) { this.#post('status', status); }

  // Asks one tab after the other, the latest first: it is the likeliest to be alive.
  async renew() {
    for (const port of [...this.#ports].reverse()) {
      const answer = new Promise((resolve) => {
        this.#answer = resolve;
        setTimeout(resolve, RENEW_MS);
      });
      port(['renew']);
      if (await answer) return true;
    }
    return false;
  }

  #post(...message) {
    for (const port of this.#ports) port(message);
  }
}

const hubs = new Map();

// Attaches `port` to this script's hub of that stream; answers with what takes messages to the hub.
function join(spec, port) {
  const key = JSON.stringify(spec);
  if (!hubs.has(key)) hubs.set(key, new Hub(spec, () => hubs.delete(key)));
  const hub = hubs.get(key);
  hub.attach(port);
  return (message) => hub.receive(port, message);
}

// The ways to a hub. Each answers with what takes messages to it, and `receive` gets those from it.
function connect(spec, receive) {
  if (!spec.share) return alone(spec, receive);
  try {
    return throughWorker(spec, receive);
  } catch {
    return throughLeader(spec, receive);
  }
}

// Never in the middle of what the page does, as from another tab.
const alone = (spec, receive) =>
    join(spec, (message) => queueMicrotask(() => receive(message)));

// Throws where there is no SharedWorker, or none of another origin's script.
function throughWorker(spec, receive) {
  // In this form bundlers know it for a script of its own.
  const worker = new SharedWorker(
      new URL('./ordercast.js', import.meta.url), {type: 'module', name: PROTOCOL});
  let send = (message) => worker.port.postMessage(message);
  const forget = () => worker.onerror = worker.port.onmessage = null;
  const giveUp = () => {
    forget();
    send = throughLeader(spec, receive);
  };
  // Its script did not load, or cannot be one.
  worker.onerror = giveUp;
  // A message without a verb: it has no EventSource there (Firefox before 133).
  worker.port.onmessage = ({data}) => data ? receive(data) : giveUp();
  send(spec);
  return (message) => {
    send(message);
    if (message[0] === 'bye') forget();
  };
}

// The tab that holds the lock has the hub; when it goes the browser gives the lock to another one.
function throughLeader(spec, receive) {
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) return alone(spec, receive);
  const name = `${PROTOCOL} ${JSON.stringify(spec)}`;
  const channel = new BroadcastChannel(name);
  const me = crypto.randomUUID();
  const followers = new Map();
  const abort = new AbortController();
  let own = null;
  const post = (to, message) => channel.postMessage({to, from: me, message});
  const leave = () => {
    for (const send of followers.values()) send(['bye']);
    abort.abort();
    channel.close();
  };
  channel.onmessage = ({data: {to, from, message}}) => {
    if (to === 'leader' && own) {
      if (message) followers.get(from)?.(message);
      else followers.set(from, join(spec, (reply) => post(from, reply)));
    } else if (to === me) {
      receive(message);
    } else if (to === 'all') {
      post('leader', null);
    }
  };
  navigator.locks.request(name, {signal: abort.signal}, () => {
    own = alone(spec, receive);
    post('all', null);
    return new Promise((resolve) => abort.signal.addEventListener('abort', resolve));
  }).catch(() => {});
  post('leader', null);
  return (message) => {
    own ? own(message) : post('leader', message);
    if (message[0] === 'bye') leave();
  };
}

// Calls back with what a page learns of its network and its own life; answers with what ends that.
// A page that is put aside must not hold a connection; one that is brought back goes on.
function watchPage({wake, leave, enter}) {
  const stop = new AbortController();
  const {document, addEventListener: listen = () => {}} = globalThis;
  const {signal} = stop;
  const look = () => wake(navigator.onLine);
  listen('online', look, {signal});
  listen('offline', look, {signal});
  listen('pagehide', leave, {signal});
  listen('pageshow', ({persisted}) => persisted && enter(), {signal});
  document?.addEventListener('visibilitychange', () => document.hidden || look(), {signal});
  return () => stop.abort();
}

export class Collection {
  loaded = false;
  status = {phase: 'connecting'};
  version = 0;
  #table = new Table();
  #listener;
  #renew;
  #subscribers = new Set();
  #send = null;
  #unwatch;

  constructor(url, listener = {}, options = {}) {
    const {renew, messages = [], withCredentials = false, share = true} = options;
    const target = absolute(url);
    target.searchParams.set('snapshot', 'true');
    const spec = {
      url: target.href,
      messages: [...messages].sort(),
      withCredentials,
      share,
      snapshot: true
    };
    this.#listener = listener;
    this.#renew = renew;
    const enter = () => this.#send = connect(spec, (message) => this.#receive(message));
    this.#unwatch = watchPage({
      wake: (onLine) => this.#send?.(['wake', onLine]),
      leave: () => this.#leave(),
      enter,
    });
    enter();
  }

  get rows() { return this.#table.rows; }

  get incomplete() { return this.#table.partial; }

  subscribe(listener) {
    const own = () => listener();
    this.#subscribers.add(own);
    return () => void this.#subscribers.delete(own);
  }

  reconnect() { this.#send?.(['reconnect']); }

  close() {
    this.#unwatch();
    this.#leave();
    this.status = {phase: 'closed', problem: null};
    this.#changed();
    this.#subscribers.clear();
  }

  #leave() {
    this.#send?.(['bye']);
    this.#send = null;
  }

  #receive([verb, value, more]) {
    if (!this.#send) return;
    if (verb === 'renew') return void this.#signIn();
    if (verb === 'status') {
      this.status = value;
      tell(this.#listener, 'onStatus', value);
    } else if (verb === 'rows') {
      this.#replace(value);
      tell(this.#listener, 'onReset', this.rows, more);
    } else if (verb === 'change') {
      this.#apply(value, more);
    } else {
      tell(this.#listener, 'onMessage', value);
    }
    this.#changed();
  }

  async #signIn() {
    const helped = await renewed(this.#renew);
    this.#send?.(['renewed', helped]);
  }

  // The maps stay the same objects: a page may hold on to them.
  #replace({rows, partial}) {
    this.rows.clear();
    this.incomplete.clear();
    for (const [id, row] of rows) this.rows.set(id, row);
    for (const id of partial) this.incomplete.add(id);
    this.loaded = true;
  }

  #apply(name, data) {
    const change = this.#table.apply(name, data);
    const known = change.before !== undefined;
    change.incomplete = this.incomplete.has(change.id);
    if (name !== 'delete') tell(this.#listener, known ? 'onUpdate' : 'onInsert', {...data, ...change});
    else if (known) tell(this.#listener, 'onDelete', {...data, ...change});
  }

  #changed() {
    this.version += 1;
    for (const listener of this.#subscribers) tell({listener}, 'listener');
  }
}

// Where a tab keeps the position of a feed. A browser that keeps nothing, by its settings, throws.
function recall(key) {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function keep(key, cursor) {
  try {
    sessionStorage.setItem(key, cursor);
  } catch {
    // Then a reload begins with what comes from then on.
  }
}

export class Feed {
  #listener;
  #position;
  #link;
  #unwatch;

  constructor(url, listener = {}, {renew, messages = [], withCredentials = false} = {}) {
    const target = absolute(url);
    if (target.searchParams.has('snapshot')) throw new TypeError('rows are for a Collection');
    const key = `ordercast ${target}`;
    this.#listener = listener;
    const position = this.#position = {
      cursor: recall(key),
      take: (name, data, id) => {
        this.#tell(name, data, id);
        if (!id || id === position.cursor) return;
        position.cursor = id;
        keep(key, id);
      },
      tell: (status) => tell(this.#listener, 'onStatus', status),
      renew: () => renewed(renew),
    };
    const link = this.#link = new Link({url: target.href, messages, withCredentials}, position);
    this.#unwatch = watchPage({
      wake: (onLine) => link.wake(onLine),
      leave: () => link.leave(),
      enter: () => link.open(),
    });
    link.open();
  }

  get cursor() { return this.#position.cursor; }

  get status() { return this.#link.status; }

  reconnect() { this.#link.open(); }

  close() {
    this.#listener = {};
    this.#unwatch();
    this.#link.close();
  }

  #tell(event, data, cursor) {
    if (event === 'reset') tell(this.#listener, 'onReset', data);
    else if (CHANGES.includes(event) || data.op === 'message')
      tell(this.#listener, 'onEvent', {event, cursor, ...data});
  }
}

export async function signIn(url, token) {
  const answer = await fetch(new URL('../session', absolute(url)), {
    method: 'POST',
    credentials: 'include',
    headers: {authorization: `Bearer ${token}`},
  });
  return answer.ok;
}

// As a SharedWorker: the first message of a port says which stream it is for.
if (globalThis.SharedWorkerGlobalScope) {
  globalThis.onconnect = ({ports: [port]}) => {
    const post = (message) => port.postMessage(message);
    let send = null;
    port.onmessage = ({data}) => {
      if (send) send(data);
      else if (globalThis.EventSource) send = join(data, post);
      else post(null);
    };
  };
}
