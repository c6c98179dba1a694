// One order on the screen. Every value is hostile input: it is cut to a length and set as text.

import {instantiate, setIcon, setText} from './dom.js';
import {itemsSummary, parseMicros, plain} from './format.js';
import {presentation} from './statuses.js';

// What a cell can show at most, with its tooltip; in characters.
const MAX_CELL_CHARS = 500;
// Nearer than this to its creation, an order's last change is its creation.
const SAME_MOMENT_MS = 1000;
const INCOMPLETE = 'This order is too large for the stream: its values may be out of date';

export class Row {
  #parts;
  #use;
  #format;
  #createdMs = NaN;
  #updatedMs = NaN;
  #flashed = false;

  constructor(template, format) {
    const {element, parts, use} = instantiate(template);
    this.element = element;
    this.entry = null;
    this.#parts = parts;
    this.#use = use;
    this.#format = format;
  }

  show(entry, nowMs) {
    if (entry === this.entry) return;
    this.entry = entry;
    const {row} = entry;
    const {name, label} = presentation(row.status);
    this.element.dataset.key = entry.key;
    this.element.dataset.status = name;
    setIcon(this.#use, name);
    this.#set('status', clip(plain(label)));
    this.#set('number', clip(plain(row.order_number ?? row.id)));
    this.#set('id', row.order_number == null ? '' : clip(`id ${plain(row.id)}`));
    this.#setWithTitle('customer', plain(row.customer_name));
    this.#set(
        'merchant', row.merchant_id == null ? '' : clip(`Merchant ${plain(row.merchant_id)}`));
    this.#setWithTitle('items', itemsSummary(row.items));
    this.#setWithTitle('note', entry.incomplete ? INCOMPLETE : (row.note ? plain(row.note) : ''));
    this.#setWithTitle('amount', this.#format.money(row.total, row.currency));
    this.#createdMs = parseMicros(row.created_at) / 1000;
    this.#updatedMs = parseMicros(row.updated_at) / 1000;
    this.#parts.placed.title = this.#format.dateTime(this.#createdMs);
    this.#parts.updated.title = this.#format.dateTime(this.#updatedMs);
    this.tick(nowMs);
  }

  // Brings the relative times up to date.
  tick(nowMs) {
    this.#set('placed', this.#format.ago(this.#createdMs, nowMs));
    const changed = this.#updatedMs - this.#createdMs >= SAME_MOMENT_MS;
    this.#set('updated', changed ? `changed ${this.#format.ago(this.#updatedMs, nowMs)}` : '');
  }

  // Two names of one animation: setting the other one starts it again. The board takes it off when
  // it ends.
  flash() {
    this.#flashed = !this.#flashed;
    this.element.dataset.flash = this.#flashed ? 'odd' : 'even';
  }

  // Marks an order that is gone, or gone from this selection, but stays where it is as long as the
  // board is held.
  retire(retired) { this.element.toggleAttribute('data-retired', retired); }

  #set(part, text) { setText(this.#parts[part], text); }

  #setWithTitle(part, text) {
    const clipped = clip(text);
    this.#set(part, clipped);
    this.#parts[part].title = clipped;
  }
}

function clip(text) {
  return text.length > MAX_CELL_CHARS ? `${text.slice(0, MAX_CELL_CHARS)}\u2026` : text;
}
