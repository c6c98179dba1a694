// The orders of one status on the screen.
//
// Cards never jump under the hand: while the lane is held (hold.js) they stay where they are, still
// change and flash, and fade when their order has gone on; orders that came in wait behind a button
// that counts them.

import {Card} from './card.js';
import {instantiate, setIcon, setText} from './dom.js';
import {Hold} from './hold.js';
import {VirtualList} from './virtual_list.js';

// An order that changed longer ago is old news: a card that only now comes into view does not
// flash.
const FLASH_WITHIN_MS = 2000;
// When more than this change at one stroke, as in a bulk update, a flash of all would point at
// nothing, and cost much.
const MAX_FLASHES = 12;

export class Lane {
  #status;
  #book;
  #context;
  #parts;
  #hold;
  #list;
  #shown = [];      // the orders that the list has, as they were when it was given them
  #held = null;     // their ids, while the lane is held
  #current = null;  // the id of the card that Tab leads to

  // `context`: what all cards share, see card.js; `onRelease` is called when the lane wants to be
  // rendered.
  constructor({template, status, book, context, onRelease}) {
    const {element, parts, use} = instantiate(template);
    this.element = element;
    this.#parts = parts;
    this.#status = status;
    this.#book = book;
    this.#context = context;
    element.dataset.lane = status.name;
    parts.title.id = `lane-${status.name}`;
    element.setAttribute('aria-labelledby', parts.title.id);
    setIcon(use, status.name);
    this.#hold = new Hold(parts.scroller, parts.fresh, onRelease);
    this.#list = new VirtualList({
      scroller: parts.scroller,
      list: parts.list,
      probe: parts.probe,
      make: () => new Card(context),
      onScroll: () => this.#draw(Date.now()),
    });
    parts.list.addEventListener('focusin', (event) => this.#focused(event.target));
    parts.fresh.addEventListener('click', () => this.#showFresh());
  }

  get name() { return this.#status.name; }

  get ids() { return this.#list.ids; }

  // The id of the card that has the focus, or undefined.
  get focusedId() {
    const focused = document.activeElement;
    if (!focused || !this.#parts.list.contains(focused)) return undefined;
    return focused.closest('[data-key]')?.dataset.key;
  }

  // `anew`: the user asked for other orders just now: they are shown even while the lane is held.
  render({nowMs, anew}) {
    const {locale} = this.#context;
    const orders = this.#book.lane(this.name);
    setText(this.#parts.title, locale.t(`status.${this.name}`));
    setText(this.#parts.count, locale.format.count(orders.length));
    if (!anew && this.#list.ids.length > 0 && this.#hold.active) {
      this.#held ??= new Set(this.#list.ids);
      this.#offer(orders.reduce((fresh, {id}) => fresh + !this.#held.has(id), 0));
      this.#draw(nowMs);
    } else {
      this.#held = null;
      this.#offer(0);
      this.#follow(orders, nowMs);
    }
    this.#parts.none.hidden = this.#list.ids.length > 0;
  }

  // Brings the ages up to date.
  tick(nowMs) {
    for (const card of this.#list.items()) card.tick(nowMs);
  }

  // Draws every card again.
  redraw(nowMs) {
    for (const card of this.#list.items()) card.redraw(nowMs);
  }

  card(id) { return this.#list.item(id); }

  // Puts the focus on the card at `index`, or the nearest there is; answers whether there is one.
  focusAt(index) {
    const {ids} = this.#list;
    if (ids.length === 0) return false;
    const nearest = Math.min(Math.max(index, 0), ids.length - 1);
    this.#list.reveal(nearest);
    this.#current = ids[nearest];
    this.#draw(Date.now());
    this.#list.item(this.#current)?.focus();
    return true;
  }

  focusCurrent() { return this.focusAt(Math.max(0, this.#list.ids.indexOf(this.#current))); }

  // The focus stays on its card: one that is put elsewhere in the document loses it. When the card
  // has gone, the focus goes to the one in its place.
  #follow(orders, nowMs) {
    const focusedId = this.focusedId;
    const focusedIndex = this.#list.ids.indexOf(focusedId);
    this.#shown = [...orders];
    this.#list.follow(orders.map(({id}) => id));
    this.#draw(nowMs);
    if (focusedId === undefined || this.focusedId === focusedId) return;
    const card = this.card(focusedId);
    if (card) card.focus();
    else this.focusAt(focusedIndex) || this.#parts.title.focus();
  }

  #draw(nowMs) {
    const changed = [];
    const focusedId = this.focusedId;
    this.#list.draw((card, id, index) => {
      const order = this.#book.get(id);
      if (order && order !== card.order && order.changedAtMs !== null &&
          nowMs - order.changedAtMs < FLASH_WITHIN_MS)
        changed.push(card);
      // An order that is gone may come into sight only now.
      card.show(order ?? card.order ?? this.#shown[index], nowMs);
      card.retire(order ? order.lane !== this.#status && order.lane.name : 'gone');
    }, focusedId);
    if (changed.length <= MAX_FLASHES) changed.forEach((card) => card.flash());
    this.#setTabStop();
  }

  // One card of each lane can be reached with Tab: the one that was last, else the first in sight.
  #setTabStop() {
    let stop = this.#list.item(this.#current);
    for (const card of this.#list.items()) {
      stop ??= card;
      card.setTabStop(card === stop);
    }
  }

  #focused(target) {
    this.#current = target.closest('[data-key]').dataset.key;
    this.#setTabStop();
  }

  #offer(count) {
    this.#parts.fresh.hidden = count === 0;
    if (count > 0)
      setText(this.#parts.freshText, this.#context.locale.counted('lane.fresh', count));
  }

  #showFresh() {
    this.#parts.title.focus({preventScroll: true});
    this.#parts.scroller.scrollTop = 0;
    this.#hold.release();
  }
}
