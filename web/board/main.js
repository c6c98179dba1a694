// The page: makes the views, and joins the stream, the order book and the desk to them.

import {Announcer} from './announcer.js';
import {readCatalog} from './catalog.js';
import {DeskWork} from './desk_work.js';
import {setText} from './dom.js';
import {plain} from './format.js';
import {Inspector} from './inspector.js';
import {Intake} from './intake.js';
import {listenToKeys} from './keyboard.js';
import {Lanes} from './lanes.js';
import {chooseLanguage, Locale} from './locale.js';
import {Menu} from './menu.js';
import {Merchants} from './merchants.js';
import {Notice, noticeFor} from './notice.js';
import {Notifier} from './notifier.js';
import {OrderBook} from './order_book.js';
import {OrderStream} from './order_stream.js';
import {PauseButton} from './pause_button.js';
import {Pill, stateOf} from './pill.js';
import {Query} from './query.js';
import {Session} from './session.js';
import {recall, remember} from './settings.js';
import {Sound} from './sound.js';
import {Stats} from './stats.js';
import {hangOnWall, setTheme, theme} from './theme.js';
import {Toolbar} from './toolbar.js';

const TICK_MS = 1000;
// A board is open for days: merchants are renamed, and this machine's clock is set.
const INTRODUCE_AGAIN_MS = 600_000;
// Where the server has not answered. The orders are there meanwhile, their merchants by number.
const INTRODUCE_RETRY_MS = 15_000;
// Where the connection counts as lost: a screen reader is told at once.
const LOST = new Set(['reconnecting', 'offline']);

setTheme(theme());
hangOnWall();

const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search).get('lang');
const locale =
    new Locale(chooseLanguage([asked, recall('language', null), ...navigator.languages]));
const book = new OrderBook();
const intake = new Intake(book);
const announcer = new Announcer((text) => setText(byId('announcer'), text), locale);
const merchants = new Merchants(locale, () => {
  toolbar.redraw(merchants.list());
  lanes.redraw(Date.now());
});
const pill = new Pill(document, locale);
const stats = new Stats(document, locale);
const sound = new Sound(byId('sound'), locale);
const notifier = new Notifier(locale);
const inspector = new Inspector(document, locale);
const menu = new Menu(document, locale, notifier, {speak, signOut});
// Another tab's cookie is this one's, too: the stream is asked for anew, and tells whose it is.
const session = new Session(() => stream.reconnect());
const pause = new PauseButton(byId('pause'), locale, intake, () => draw());

let query = Query.fromAddress(location.search);
// The query of the orders that are on the board.
let answered = query;
let status = {phase: 'connecting'};
let clockOffsetMs = 0;
let frame = null;
let anew = false;
// The latest time that the server was asked what it has for whoever is signed in, or null.
let introduction = null;

const toolbar = new Toolbar(document, locale, query, ask);
const work = new DeskWork(book, locale, ({id, text}) => {
  if (text) announcer.result(text);
  lanes.redrawCard(id, Date.now());
  render();
});
const lanes = new Lanes({
  document,
  book,
  context: {
    template: byId('card-template'),
    locale,
    merchantName: (id) => merchants.name(id),
    outcome: (id) => work.outcome(id),
    clockOffsetMs: () => clockOffsetMs,
  },
  onMove: (id, to) => work.move(id, to),
  onAsk: ({row}) =>
      announcer.question(locale.t('spoken.cancel', {order: plain(row.order_number)})),
  onRelease: render,
});
const notice = new Notice(document, locale, {
  nothing: () => ask(new Query({sort: query.sort})),
  closed: () => ask(new Query()),
  unreachable: () => stream.reconnect(),
  async signIn(token) {
    const taken = await session.signIn(token);
    if (taken) stream.reconnect();
    return taken;
  },
});
const stream = new OrderStream({
  onRows(rows) {
    anew = intake.replaceAll(rows);
    if (anew) answered = query;
    for (const row of rows.values()) merchants.note(row.merchant_id);
    toolbar.redraw(merchants.list());
    render();
    if (!introduction) introduce();
  },
  onChange(kind, change) {
    const nowMs = Date.now();
    if (kind === 'delete') intake.remove(change.id);
    else intake.put(change.id, change.row, nowMs, change.incomplete);
    if (merchants.note(change.row.merchant_id)) toolbar.redraw(merchants.list());
    // An order that only comes into the view is not a new one.
    if (change.op === 'insert') {
      sound.newOrder();
      notifier.newOrder();
    }
    announcer.change(kind);
    pill.news(nowMs);
    // What was committed while nobody listened says nothing of how fast it came.
    stats.came(status.phase === 'live' ? Date.parse(change.at) - clockOffsetMs : null);
    // Nothing is drawn until the page is shown again, in days maybe: that is no measure.
    if (document.hidden) stats.seen(nowMs, false);
    render();
  },
  onStatus(next) {
    const state = stateOf(next);
    if (state !== stateOf(status)) {
      if (!LOST.has(state)) announcer.state(locale.t(`spoken.${state}`));
      setText(byId('alarm'), LOST.has(state) ? locale.t(`spoken.${state}`) : '');
    }
    if (next.phase === 'signed-out') forget();
    status = next;
    pill.show(status, Date.now());
    render();
  },
});

// Draws once a frame at most; a hidden page draws when it is shown again.
function render() { frame ??= requestAnimationFrame(draw); }

function draw() {
  cancelAnimationFrame(frame);
  frame = null;
  const nowMs = Date.now();
  lanes.render({statuses: query.statuses, nowMs, anew});
  anew = false;
  stats.seen(nowMs, !document.hidden && !intake.paused);
  notice.render(
      noticeFor({loaded: book.loaded, size: book.size, query: answered, status}),
      status.problem ?? null);
  pause.redraw();
  setText(byId('summary'), summary());
}

function summary() {
  if (status.phase === 'catching-up' && !stream.loaded)
    return locale.t('summary.loading', {count: locale.format.count(status.count)});
  return book.loaded ? locale.counted('summary', book.size) : '';
}

// Asks the server for other orders, or sorts those that are there.
function ask(next) {
  const isOther = next.toFilter() !== query.toFilter();
  query = next;
  const address = query.toAddress(location.search);
  history.replaceState(null, '', address ? `?${address}` : location.pathname);
  toolbar.show(query);
  book.sortBy(query.sort);
  if (isOther) {
    intake.forget();
    open();
  }
  anew = true;
  render();
}

function open() {
  stream.open(query.toFilter());
  inspector.inspect(stream.url);
}

// Learns the server's clock and the merchants' names, and again from time to time. Not before there
// are rows: until somebody has signed in, the server tells nothing.
async function introduce() {
  const mine = introduction = {};
  const catalog = await readCatalog();
  if (mine !== introduction) return;
  setTimeout(
      () => mine === introduction && introduce(),
      catalog ? INTRODUCE_AGAIN_MS : INTRODUCE_RETRY_MS);
  if (!catalog) return;
  clockOffsetMs = catalog.offsetMs;
  menu.offerSignOut(catalog.isSignedIn);
  if (catalog.streams.has('merchants')) merchants.load();
}

// Nothing of it may be seen any more, not even until the server has ended the stream.
async function signOut() {
  if (!await session.signOut()) return false;
  forget();
  stream.reconnect();
  render();
  return true;
}

// Whoever signs in next may be another person: what there is, is not theirs.
function forget() {
  intake.forget();
  book.forget();
  merchants.forget();
  menu.offerSignOut(false);
  if (inspector.isOpen) inspector.close();
  toolbar.redraw(merchants.list());
  introduction = null;
  anew = true;
}

// Everything in another language.
function speak(name) {
  locale.use(name);
  remember('language', name);
  translate();
}

function translate() {
  document.documentElement.lang = locale.tag;
  document.title = `${locale.t('title')} · Ordercast`;
  locale.translate(document);
  toolbar.redraw(merchants.list());
  sound.redraw();
  pill.tick(Date.now());
  lanes.redraw(Date.now());
  draw();
}

listenToKeys(document, {
  move: (step) => lanes.moveInLane(step),
  lane: (direction) => lanes.moveToLane(direction),
  step: () => lanes.step(),
  cancel: () => lanes.cancel(),
  search: () => toolbar.focusSearch(),
  pause: () => pause.toggle(),
  sound: () => sound.toggle(),
  inspector: () => inspector.toggle(),
  menu: () => menu.open(),
  escape: () => toolbar.clearSearch() || (inspector.isOpen && inspector.close()),
});
setInterval(() => {
  if (document.hidden) return;
  const nowMs = Date.now();
  lanes.tick(nowMs);
  pill.tick(nowMs);
  stats.tick(nowMs);
}, TICK_MS);

book.sortBy(query.sort);
translate();
open();
stats.tick(Date.now());
