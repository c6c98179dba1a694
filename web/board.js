// The list of orders on the screen: a row for each selected order, changed in place.
//
// Rows never jump under the pointer: while it is over the list, or the list is scrolled away from
// its head, the board is *held*. The rows on it stay where they are, still change and flash, and
// grey out when their order is gone; orders that came in wait behind a button that counts them.

import {setText} from './dom.js';
import {Row} from './row.js';

// An entry that changed longer ago is old news: a row that only now comes into view does not flash.
const FLASH_WITHIN_MS = 2000;
// When more than this change at one stroke, as in a bulk update, a flash of all would point at
// nothing, and cost much.
const MAX_FLASHES = 40;

export class Board {
  #section;
  #body;
  #rowTemplate;
  #fresh;
  #format;
  #rows = new Map();
  #pointerInside = false;
  #scrolledAway = false;
  #onRelease;

  // `onRelease` is called when the board is no longer held and wants to be rendered.
  constructor(document, format, onRelease) {
    this.#section = document.getElementById('orders');
    this.#body = document.getElementById('rows');
    this.#rowTemplate = document.getElementById('row-template');
    this.#fresh = document.getElementById('fresh');
    this.#format = format;
    this.#onRelease = onRelease;
    this.#watchPointer();
    this.#watchScroll(document.getElementById('sentinel'));
    this.#body.addEventListener(
        'animationend', (event) => event.target.removeAttribute('data-flash'));
    this.#fresh.addEventListener('click', () => this.#showFresh());
  }

  // Shows `selected` entries of `orders`, newest first. `anew` is for a selection that the user
  // asked for just now: it is shown even while the board is held.
  render(orders, selected, {anew, nowMs}) {
    const held = !anew && this.#held;
    const current = new Map(selected.map((entry) => [entry.key, entry]));
    const keys = held ? [...this.#rows.keys()] : [...current.keys()];
    if (!held) this.#removeAllBut(current);
    const changed = [];
    this.#place(keys, (key, row) => {
      const entry = orders.get(key) ?? row.entry;
      if (entry !== row.entry && entry.changedAtMs !== null &&
          nowMs - entry.changedAtMs < FLASH_WITHIN_MS)
        changed.push(row);
      row.show(entry, nowMs);
      row.retire(!current.has(key));
    });
    if (changed.length <= MAX_FLASHES) changed.forEach((row) => row.flash());
    this.#offer(held ? countFresh(current.keys(), this.#rows) : 0);
  }

  tick(nowMs) {
    for (const row of this.#rows.values()) row.tick(nowMs);
  }

  get #held() { return this.#rows.size > 0 && (this.#pointerInside || this.#scrolledAway); }

  #removeAllBut(current) {
    for (const [key, row] of this.#rows) {
      if (current.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
  }

  // Puts the rows of `keys` in that order. Rows that stand right are not touched: moving an element
  // in the document would start its animation again.
  #place(keys, show) {
    const rows = new Map();
    let next = this.#body.firstElementChild;
    for (const key of keys) {
      const row = this.#rows.get(key) ?? new Row(this.#rowTemplate, this.#format);
      rows.set(key, row);
      show(key, row);
      if (row.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.element, next);
    }
    this.#rows = rows;
  }

  #offer(count) {
    this.#fresh.hidden = count === 0;
    if (count > 0) setText(this.#fresh.querySelector('span'), `${this.#format.count(count)} new`);
  }

  #showFresh() {
    this.#pointerInside = false;
    this.#scrolledAway = false;
    this.#section.focus({preventScroll: true});
    this.#onRelease();
    this.#section.ownerDocument.defaultView.scrollTo({top: 0});
  }

  #watchPointer() {
    this.#section.addEventListener('pointerover', () => this.#pointerInside = true);
    this.#section.addEventListener('pointerleave', () => {
      this.#pointerInside = false;
      this.#onRelease();
    });
  }

  #watchScroll(sentinel) {
    new IntersectionObserver(([{isIntersecting, boundingClientRect}]) => {
      this.#scrolledAway = !isIntersecting && boundingClientRect.top < 0;
      if (!this.#scrolledAway) this.#onRelease();
    }).observe(sentinel);
  }
}

// How many of `keys` have no row yet and stand before one that has: what the end of the list gained
// does not count. When none has a row, all are new.
function countFresh(keys, rows) {
  let fresh = 0;
  let beforeLastRow = null;
  for (const key of keys) {
    if (rows.has(key)) beforeLastRow = fresh;
    else fresh += 1;
  }
  return beforeLastRow ?? fresh;
}
