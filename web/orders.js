// The orders as this page knows them: a keyed collection, newest first, that is fed with the
// changes of the stream. Pure: no DOM and no connection. An entry is never altered, only replaced,
// so "same entry" means "same text on screen".
//
// A snapshot is collected apart and swapped in when it is whole: until then the rows of before stay
// on view.

import {itemsSummary, parseMicros} from './format.js';
import {groupOf} from './statuses.js';

// The searched text of one order, in characters: a note of a megabyte must not make every key press
// slow.
const MAX_SEARCH_CHARS = 2000;

export class Orders {
  #entries = new Map();
  #newestFirst = [];
  #counts = new Map();
  #incoming = null;
  #loaded = false;

  // Whether a whole snapshot has arrived since the page was opened.
  get loaded() { return this.#loaded; }

  get size() { return this.#entries.size; }

  // Rows of the snapshot that is still arriving.
  get incomingSize() { return this.#incoming?.size ?? 0; }

  get(key) { return this.#entries.get(key); }

  // How many orders are in a group of statuses.js.
  count(group) { return this.#counts.get(group) ?? 0; }

  beginSnapshot() { this.#incoming = new Map(); }

  endSnapshot() {
    if (!this.#incoming) return;
    this.#entries = this.#incoming;
    this.#incoming = null;
    this.#loaded = true;
    this.#newestFirst = [...this.#entries.values()].sort(newestFirst);
    this.#counts.clear();
    for (const entry of this.#newestFirst) this.#tally(entry, 1);
  }

  // Takes a change of the stream; `nowMs` is when it came. Answers with what it was here: an update
  // of a row that was not known is an insert, and a change that says nothing new (a repeated
  // delete) is null.
  apply(change, nowMs) {
    const key = keyText(change.key);
    if (this.#incoming) {
      if (change.op === 'delete') this.#incoming.delete(key);
      else this.#incoming.set(key, newEntry(key, change, this.#incoming.get(key), null));
      return null;
    }
    const before = this.#entries.get(key);
    if (before) this.#remove(before);
    if (change.op === 'delete') return before ? 'delete' : null;
    this.#insert(newEntry(key, change, before, nowMs));
    return before ? 'update' : 'insert';
  }

  // The entries that `filter` matches, newest first: how many there are, and the first `limit` of
  // them.
  select(filter, limit) {
    const shown = [];
    let total = 0;
    for (const entry of this.#newestFirst) {
      if (!filter.matches(entry)) continue;
      if (total++ < limit) shown.push(entry);
    }
    return {shown, total};
  }

  #insert(entry) {
    this.#entries.set(entry.key, entry);
    this.#newestFirst.splice(this.#place(entry), 0, entry);
    this.#tally(entry, 1);
  }

  #remove(entry) {
    this.#entries.delete(entry.key);
    this.#newestFirst.splice(this.#place(entry), 1);
    this.#tally(entry, -1);
  }

  // Where `entry` stands, or would stand. Exact: the order of entries is total.
  #place(entry) {
    let low = 0;
    let high = this.#newestFirst.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (newestFirst(this.#newestFirst[middle], entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #tally(entry, step) { this.#counts.set(entry.group, this.count(entry.group) + step); }
}

// The identity of a row: {"id":"42"} has one text, since the server writes the key's columns in one
// order.
export function keyText(key) { return JSON.stringify(key); }

// `changedAtMs` is null for a row of a snapshot: it did not change while somebody was looking. A
// row that is too large for the stream comes as its key alone: what was known of it stays, marked
// as incomplete.
function newEntry(key, change, before, changedAtMs) {
  const row = change.row ?? {...before?.row, ...change.key};
  const createdMicros = parseMicros(row.created_at);
  return {
    key,
    row,
    incomplete: !change.row,
    changedAtMs,
    createdMicros: Number.isNaN(createdMicros) ? 0 : createdMicros,
    group: groupOf(row.status),
    searchText: searchable([
      row.order_number, row.customer_name, row.status, itemsSummary(row.items), row.note, row.id
    ].join('\n')),
  };
}

export function searchable(text) {
  return text.slice(0, MAX_SEARCH_CHARS).normalize('NFKC').toLowerCase();
}

function newestFirst(a, b) {
  return b.createdMicros - a.createdMicros || compareNumerals(b.key, a.key);
}

// Orders the decimal numerals of equally shaped keys by value, digits beyond a double's included:
// the longer is the greater, equally long ones compare as text.
function compareNumerals(a, b) {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
