// The browser's client of Ordercast: the rows or the events of a stream, whatever happens to the
// connection. ordercast.d.ts is its manual, docs/client.md its guide.
//
// From the wire to the page:
//
//   link        one EventSource, and what that lacks: it closes for ever on any status but 200, and
//               does not notice a connection that died without a word
//   hub         a link and the rows that it brought, for any number of collections
//   connect     the way from a collection to its hub: in a SharedWorker, which is this same file;
//               where there is none in the tab that holds a Web Lock; else in its own tab
//   Collection  what a page sees of a hub
//   Feed        what a page sees of a link of its own
//
// Collection and hub exchange messages, arrays that begin with a verb:
//   status S | table TABLE RESET | change NAME DATA | message M | renew      to the collection
//   wake ONLINE | open | renewed BOOLEAN | bye                               to the hub
//
// State is in closures and not in private fields, because those minify badly: all of it has 6 kB.

// Names the worker, the lock and the channel: pages with another version of these messages have
// another hub.
const PROTOCOL = 'ordercast 2';

const EVENTS = 'hello insert update delete ready reset status end heartbeat'.split(' ');

// The nth delay is uniform in [RETRY_FLOOR_MS, RETRY_FLOOR_MS * 2^n], at most RETRY_CAP_MS: the
// many pages of one lost server do not come back in step, not even at the first try.
const RETRY_FLOOR_MS = 1000;
const RETRY_CAP_MS = 30_000;
// A failure this long after the last one begins a new series.
const SETTLED_MS = 60_000;
// A stream says hello at once: none in this time is a proxy that buffers, or a server that hangs.
const HELLO_MS = 10_000;
// While the browser itself connects again it may hang for minutes, on a network that swallows
// packets.
const CONNECT_MS = 30_000;
// A stream that says nothing for this many heartbeats is dead.
const SILENT_HEARTBEATS = 2.5;
// A sign-in that helped for less than this did not help.
const RENEWED_MS = 10_000;
// A tab that is asked to sign in may be gone.
const RENEW_MS = 30_000;
// 'catching-up' is told with the first row, and then each time so many more have come.
const COUNT_STEP = 100;

const CONNECTING = {
  phase: 'connecting'
};

const SIGNED_OUT = 'signed-out';

export const keyText = JSON.stringify;

// Calls what a page gave us. Its exception is its own: it is reported like any other, and changes
// nothing here.
function call(callback) {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}

// Tells a page, if it listens.
const tell = (listener, name, ...news) => call(() => listener[name]?.(...news));

// Whether the page's `renew` has signed in: no, where there is none, or where it throws.
async function helps(renew) {
  try {
    return await renew() === true;
  } catch {
  }
}

// The connection to one stream; open() begins. It tells its owner
//   take(name, data, id)  an event
//   tell(status)          the status has changed
// and asks it for `cursor`, where to resume ('' is nowhere), and renew(), whether a sign-in helped.
// `spec` has url, messages, withCredentials, and snapshot: whether rows follow a reset.
function newLink(spec, owner) {
  let status = CONNECTING;
  let source;
  // There is one timer: what is to happen unless something happens before. None while the link
  // waits for a sign-in, or is at its end.
  let timer;
  // Counts what is tried: the answer to an earlier try means nothing any more.
  let turn = 0;
  let attempts = 0;
  let failedAt = 0;
  let heardAt;
  let freshAt;
  let renewedAt = 0;
  // Whose stream it is, in the server's words; 0 until it has said so.
  let grant = 0;
  let heartbeatMs = HELLO_MS;
  // Whether all that is committed has been sent on this connection, and how many changes or rows
  // had come before that.
  let level;
  let count = 0;
  // The last word of the server is that its database is down.
  let down;
  let onLine = navigator.onLine;

  function enter(phase, more) {
    const next = {phase, ...more};
    if (keyText(next) !== keyText(status)) owner.tell(status = next);
  }

  function lost(retryAtMs = null, problem = null) {
    level = false;
    enter('reconnecting', {retryAtMs, offline: !onLine, problem});
  }

  function after(ms, action) {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  }

  // Closes the connection without a word.
  function leave() {
    clearTimeout(timer);
    timer = null;
    turn += 1;
    source?.close();
    source = null;
  }

  // Opens the stream where the owner is; again, when it is open or waits.
  function open() {
    leave();
    const url = new URL(spec.url);
    url.searchParams.set('heartbeat', 'event');
    if (owner.cursor) url.searchParams.set('last_event_id', owner.cursor);
    source = new EventSource(url, spec);
    source.onerror = () => source.readyState === 2 ? refused(url) : dropped();
    for (const name of [...EVENTS, ...spec.messages])
      source.addEventListener(name, (event) => take(name, event));
    heardAt = Date.now();
    after(HELLO_MS, retryLater);
  }

  function close(problem = null) {
    leave();
    enter('closed', {problem});
  }

  function take(name, event) {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return retryLater();
    }
    if (name === 'hello') {
      heartbeatMs = data.heartbeat_ms;
      level = down = false;
      count = 0;
      // The browser's tabs have one cookie, and somebody else has signed in: what was brought
      // before is not theirs.
      const isOther = grant !== 0 && grant !== data.grant;
      grant = data.grant;
      if (isOther) {
        enter(SIGNED_OUT);
        enter(CONNECTING.phase);
        return open();
      }
    }
    heardAt = Date.now();
    if (level && !down || !freshAt) freshAt = heardAt;
    after(SILENT_HEARTBEATS * heartbeatMs, open);
    const mine = turn;
    owner.take(name, data, event.lastEventId);
    if (mine === turn) follow(name, data);
  }

  function tellPhase() {
    if (down) enter('stale', {sinceMs: freshAt});
    else level ? enter('live') : enter('catching-up', {count});
  }

  // What an event says of the connection.
  function follow(name, data) {
    if (name === 'ready' || name === 'heartbeat') {
      level = true;
      tellPhase();
    } else if (name === 'status') {
      down = data.database === 'down';
      tellPhase();
    } else if (name === 'reset') {
      if (spec.snapshot) level = false;
      count = 0;
    } else if (name === 'end') {
      // Any other end is the browser's to mend, like a drop.
      if (!data.reason) close();
      else if (/^token/.test(data.reason)) {
        lost();
        signIn();
      }
    } else if (name !== 'hello' && !level && count++ % COUNT_STEP === 0) {
      tellPhase();
    }
  }

  // The browser tries again by itself. A server that lost its database ends each stream after
  // saying so: that it is reached remains true.
  function dropped() {
    after(CONNECT_MS, open);
    if (!down) lost();
    level = down = false;
  }

  // The browser has given up, and does not say why: asked again, the server does.
  async function refused(url) {
    leave();
    // Who had nothing has lost nothing: what becomes of it is for the answer to say.
    if (level) lost();
    const mine = turn;
    // As the options of fetch() it stands for its own `signal`.
    const question = new AbortController();
    question.credentials = spec.withCredentials ? 'include' : undefined;
    source = {close: () => question.abort()};
    after(HELLO_MS, retryLater);
    let code;
    let problem;
    try {
      const answer = await fetch(url, question);
      code = answer.status;
      problem = `HTTP ${code}`;
      if (code === 400) problem = (await answer.json()).detail;
    } catch {
      // No answer, or not in the server's words: what is known is enough.
    }
    if (mine !== turn) return;
    if (code === 401 || code === 403) signIn();
    else if (code === 204 || code === 400) close(problem);
    else retryLater(problem);
  }

  async function signIn() {
    leave();
    const mine = turn;
    const helped = Date.now() - renewedAt > RENEWED_MS && await owner.renew();
    if (mine !== turn) return;
    if (!helped) return enter(SIGNED_OUT);
    renewedAt = Date.now();
    open();
  }

  function retryLater(problem) {
    leave();
    const now = Date.now();
    attempts = now - failedAt > SETTLED_MS ? 1 : attempts + 1;
    failedAt = now;
    const spreadMs = Math.min(RETRY_CAP_MS, RETRY_FLOOR_MS * 2 ** attempts) - RETRY_FLOOR_MS;
    const delayMs = RETRY_FLOOR_MS + Math.random() * spreadMs;
    after(delayMs, open);
    lost(now + delayMs, problem);
  }

  // Something suggests that a dead connection may be found out, or a new one be possible, now.
  function wake(nowOnLine) {
    onLine = nowOnLine;
    if (!timer) return;
    if (!onLine) source && retryLater();
    else if (!source || Date.now() - heardAt > heartbeatMs) open();
  }

  return {open, leave, close, wake};
}

// A table is [rows, partial]: rows by the text of their key, and of which of them columns are
// missing.
const newTable = () => [new Map(), new Set()];

// A row that is too large for the stream comes as its key alone: what was known of it stays.
function apply([rows, partial], name, {key, row}) {
  const id = keyText(key);
  const before = rows.get(id);
  const now = row ?? {...before, ...key};
  partial.delete(id);
  if (name === 'delete') {
    rows.delete(id);
  } else {
    rows.set(id, now);
    if (!row) partial.add(id);
  }
  return {id, before, row: now, incomplete: !row};
}

// A stream with its rows, for any number of ports: functions that take a message. Answers with what
// attaches one, which answers with what takes its messages to the hub. `onEmpty` is called when the
// last port has left. `table` and `cursor` are always of one moment: while a new snapshot arrives
// both stay, and a connection that is cut meanwhile resumes from there.
function newHub(spec, onEmpty) {
  const ports = new Set();
  let status = CONNECTING;
  let table;
  let incoming;
  let reset = null;
  let answered;
  const post = (...message) => ports.forEach((port) => port(message));

  function take(name, data, id) {
    if (name === 'hello') {
      incoming = data.snapshot ? newTable() : null;
    } else if (name === 'reset') {
      incoming = newTable();
      reset = data;
    } else if (name === 'ready') {
      table = incoming;
      incoming = null;
      post('table', table, reset);
      reset = null;
    } else if (data.key) {
      apply(incoming ?? table, name, data);
      if (!incoming) post('change', name, data);
    } else if (data.op) {
      post('message', {event: name, ...data});
    }
    // On a new connection there is no id before the first event that has one.
    if (!incoming && id) owner.cursor = id;
  }

  // Asks one tab after the other, the latest first: it is the likeliest to be alive.
  async function renew() {
    for (const port of [...ports].reverse()) {
      const answer = new Promise((resolve) => {
        answered = resolve;
        setTimeout(resolve, RENEW_MS);
      });
      port(['renew']);
      if (await answer) return true;
    }
  }

  function tell(next) {
    status = next;
    // Whoever signs in next may be another person: those rows are not theirs.
    if (status.phase === SIGNED_OUT) {
      if (table) post('table', newTable(), null);
      table = null;
      owner.cursor = '';
    }
    post('status', status);
  }

  const owner = {cursor: '', take, tell, renew};
  const link = newLink(spec, owner);
  link.open();

  return (port) => {
    ports.add(port);
    port(['status', status]);
    if (table) port(['table', table, null]);
    const verbs = {
      ...link,
      renewed: (helped) => answered(helped),
      bye() {
        if (ports.delete(port) && !ports.size) link.leave(onEmpty());
      },
    };
    return ([verb, value]) => verbs[verb](value);
  };
}

const hubs = new Map();

// Attaches `port` to this script's hub of that stream; answers with what takes messages to the hub.
function join(spec, port) {
  const key = keyText(spec);
  const attach = hubs.get(key) ?? newHub(spec, () => hubs.delete(key));
  hubs.set(key, attach);
  return attach(port);
}

// The ways to a hub. Each answers with what takes messages to it; `receive` gets those from it, but
// never in the middle of what the page does.
const alone = (spec, receive) =>
    join(spec, (message) => queueMicrotask(() => receive(message)));

// Throws where there is no SharedWorker, or none of another origin's script.
function throughWorker(spec, receive) {
  // In this form bundlers know it for a script of its own.
  const worker = new SharedWorker(
      new URL('./ordercast.js', import.meta.url), {type: 'module', name: PROTOCOL});
  const {port} = worker;
  let send = (message) => port.postMessage(message);
  // Its script did not load, or cannot be one; or it sends a message that is none: there is no
  // EventSource in workers (Firefox before 133).
  const giveUp = () => send = send && throughLeader(spec, receive);
  worker.onerror = giveUp;
  port.onmessage = ({data}) => data ? receive(data) : giveUp();
  send(spec);
  return (message) => {
    send(message);
    if (message[0] === 'bye') send = null;
  };
}

// Whom a message of the channel is to, where not to one tab.
const ALL = 0;
const LEADER = 1;

// The tab that holds the lock has the hub; when it goes the browser gives the lock to another one,
// which tells all. A message without a content asks to be let in.
function throughLeader(spec, receive) {
  const {locks} = navigator;
  if (!locks) return alone(spec, receive);
  const name = PROTOCOL + keyText(spec);
  const channel = new BroadcastChannel(name);
  const me = crypto.randomUUID();
  const followers = new Map();
  let own;
  let resign;
  let gone;
  const post = (to, message) => channel.postMessage([to, me, message]);
  channel.onmessage = ({data: [to, from, message]}) => {
    if (to === me) receive(message);
    else if (to === ALL) post(LEADER);
    else if (!own || to !== LEADER) return;
    else if (message) followers.get(from)?.(message);
    else if (!followers.has(from)) followers.set(from, join(spec, (reply) => post(from, reply)));
  };
  locks.request(name, () => gone || new Promise((resolve) => {
    resign = resolve;
    own = alone(spec, receive);
    post(ALL);
  }));
  post(LEADER);
  return (message) => {
    own ? own(message) : post(LEADER, message);
    if (message[0] !== 'bye') return;
    gone = true;
    followers.forEach((send) => send(message));
    channel.close();
    resign?.();
  };
}

function connect(spec, receive) {
  if (!spec.share) return alone(spec, receive);
  try {
    return throughWorker(spec, receive);
  } catch {
    return throughLeader(spec, receive);
  }
}

// Calls back with what a page learns of its network and of itself; answers with what ends that. A
// page that is put aside must not hold a connection; one that is brought back goes on.
function watchPage(wake, leave, enter) {
  // As the options of a listener it stands for its own `signal`.
  const watch = new AbortController();
  const on = (type, action) => addEventListener(type, action, watch);
  const look = () => document.hidden || wake(navigator.onLine);
  on('online', look);
  on('offline', look);
  on('visibilitychange', look);
  on('pagehide', leave);
  on('pageshow', ({persisted}) => persisted && enter());
  return () => watch.abort();
}

export class Collection {
  loaded = false;
  status = CONNECTING;
  version = 0;

  constructor(url, listener = {}, {renew, ...options} = {}) {
    const target = new URL(url, location);
    target.searchParams.set('snapshot', true);
    const spec = {share: true, messages: [], ...options, url: target.href, snapshot: true};
    const table = newTable();
    const [rows, incomplete] = table;
    const subscribers = new Set();
    let send;
    this.rows = rows;
    this.incomplete = incomplete;

    const changed = () => {
      this.version += 1;
      subscribers.forEach(call);
    };

    const receive = {
      status: (status) => {
        this.status = status;
        tell(listener, 'onStatus', status);
      },
      // The maps stay the same objects: a page may hold on to them.
      table: (now, reset) => {
        table.forEach((part) => part.clear());
        now[0].forEach((row, id) => rows.set(id, row));
        now[1].forEach((id) => incomplete.add(id));
        this.loaded = true;
        tell(listener, 'onReset', rows, reset);
      },
      change: (name, data) => {
        const change = {...data, ...apply(table, name, data)};
        if (name !== 'delete') tell(listener, change.before ? 'onUpdate' : 'onInsert', change);
        else if (change.before) tell(listener, 'onDelete', change);
      },
      message: (message) => tell(listener, 'onMessage', message),
      renew: () => helps(renew).then((helped) => send?.(['renewed', helped])),
    };

    const enter = () => send = connect(spec, ([verb, ...values]) => {
      if (!send) return;
      receive[verb](...values);
      changed();
    });
    const leave = () => send = send?.(['bye']);
    const unwatch = watchPage((onLine) => send?.(['wake', onLine]), leave, enter);

    this.reconnect = () => send?.(['open']);
    this.subscribe = (subscriber) => {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    };
    this.close = () => {
      unwatch();
      leave();
      this.status = {phase: 'closed', problem: null};
      changed();
    };
    enter();
  }
}

export class Feed {
  status = CONNECTING;

  constructor(url, listener = {}, {renew, ...options} = {}) {
    const target = new URL(url, location);
    const key = PROTOCOL + target;
    // A browser that is set to keep nothing throws: then a reload begins with what comes next.
    const kept = (action) => {
      try {
        return action(sessionStorage);
      } catch {
      }
    };
    const owner = {
      cursor: kept((storage) => storage[key]) ?? '',
      renew: () => helps(renew),
      tell: (status) => {
        this.status = status;
        tell(listener, 'onStatus', status);
      },
      take: (event, data, cursor) => {
        if (event === 'reset') tell(listener, 'onReset', data);
        else if (data.op) tell(listener, 'onEvent', {event, cursor, ...data});
        this.cursor = owner.cursor = cursor || owner.cursor;
        kept((storage) => storage[key] = owner.cursor);
      },
    };
    const {open, close, leave, wake} = newLink({messages: [], ...options, url: target}, owner);
    const unwatch = watchPage(wake, leave, open);
    this.cursor = owner.cursor;
    this.reconnect = open;
    this.close = () => {
      listener = {};
      unwatch();
      close();
    };
    open();
  }
}

// As a SharedWorker: the first message of a port says which stream it is for.
if (globalThis.SharedWorkerGlobalScope) {
  onconnect = ({ports: [port]}) => {
    const post = (message) => port.postMessage(message);
    let send;
    port.onmessage = ({data}) => {
      if (send) send(data);
      else if (self.EventSource) send = join(data, post);
      else post(null);
    };
  };
}
