// The order board: wires the stream to the collection, and the collection to what is on the screen.

import {Announcer} from './announcer.js';
import {Board} from './board.js';
import {setText} from './dom.js';
import {Filter} from './filter.js';
import {Format} from './format.js';
import {Notice, noticeFor} from './notice.js';
import {Orders} from './orders.js';
import {Pill, SPOKEN} from './pill.js';
import {Stream} from './stream.js';
import {Tiles} from './tiles.js';

const STREAM_URL = 'v1/streams/orders';
// Rows that a browser lays out at ease; thousands more are a button away, and in the counts and the
// search anyway.
const PAGE_ROWS = 200;
const TICK_MS = 1000;

const format = new Format(document.documentElement.lang);
const orders = new Orders();
const announcer = new Announcer((text) => setText(document.getElementById('announcer'), text));
const pill = new Pill(document, format);
const board = new Board(document, format, render);
const tiles = new Tiles(document, format, (group) => choose(filter.with({group})));
const notice = new Notice(document, {
  nothing: () => choose(new Filter()),
  unreachable: () => stream.open(),
});
const search = document.getElementById('search');
const more = document.getElementById('more');

let filter = Filter.fromQuery(location.search);
let limit = PAGE_ROWS;
let phase = 'connecting';
let frame = null;
let anew = false;

const stream = new Stream(STREAM_URL, {
  onState(state) {
    if (state.phase !== phase) announcer.state(SPOKEN[state.phase]);
    phase = state.phase;
    pill.show(state, Date.now());
    render();
  },
  onBegin() { orders.beginSnapshot(); },
  onChange(change) {
    const nowMs = Date.now();
    const op = orders.apply(change, nowMs);
    if (op) {
      announcer.change(op);
      pill.news(nowMs);
    }
    render();
  },
  onReady() {
    orders.endSnapshot();
    render();
  },
});

// Draws once a frame at most; a hidden page draws when it is shown again.
function render() { frame ??= requestAnimationFrame(draw); }

function draw() {
  frame = null;
  const nowMs = Date.now();
  const {shown, total} = orders.select(filter, limit);
  board.render(orders, shown, {anew, nowMs});
  anew = false;
  tiles.render(orders, filter.group);
  notice.render(noticeFor(orders, phase, total));
  pill.tick(nowMs);
  setText(document.getElementById('summary'), summary(shown.length, total));
  more.hidden = total <= shown.length;
  setText(more, `Show ${format.count(Math.min(PAGE_ROWS, total - shown.length))} more`);
}

function summary(shown, total) {
  if (!orders.loaded)
    return orders.incomingSize ? `Loading ${format.count(orders.incomingSize)} orders` : '';
  if (total === 0) return '';
  const noun = total === 1 ? 'order' : 'orders';
  if (shown < total)
    return `Showing ${format.count(shown)} of ${format.count(total)} ${noun}, newest first`;
  return `${format.count(total)} ${noun}, newest first`;
}

function choose(next) {
  filter = next;
  limit = PAGE_ROWS;
  anew = true;
  if (search.value !== filter.text) search.value = filter.text;
  const query = filter.toQuery();
  history.replaceState(null, '', query ? `?${query}` : location.pathname);
  render();
}

function showMore() {
  limit += PAGE_ROWS;
  anew = true;
  render();
}

function onKey(event) {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.select();
}

search.value = filter.text;
search.addEventListener('input', () => choose(filter.with({text: search.value})));
more.addEventListener('click', showMore);
document.addEventListener('keydown', onKey);
addEventListener('online', () => stream.open());
addEventListener('offline', () => stream.open());
// A page that is put aside must not hold a connection; one that is brought back resumes.
addEventListener('pagehide', () => stream.close());
addEventListener('pageshow', (event) => event.persisted && stream.open());
setInterval(() => {
  if (document.hidden) return;
  board.tick(Date.now());
  pill.tick(Date.now());
}, TICK_MS);

setText(document.getElementById('curl'), `curl -N '${new URL(STREAM_URL, location)}'`);
stream.open();
render();
