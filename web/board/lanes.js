// The board: a lane for each status that is asked for, and the way from card to card.

import {MIN_INTERVAL_MS} from './announcer.js';
import {Lane} from './lane.js';
import {LANES, OTHER} from './statuses.js';

// After this a cancellation that was asked for once is not meant any more. Long enough to hear the
// question to its end, and longer than a live region keeps it: the next one is heard, too.
const CONFIRM_MS = MIN_INTERVAL_MS + 1000;

export class Lanes {
  #element;
  #book;
  #lanes;
  #onMove;
  #onAsk;

  // `onMove(id, status)`: the user wants the order there. `onAsk(order)`: he is asked whether it is
  // to be cancelled. `onRelease`: wants to be rendered.
  constructor({document, book, context, onMove, onAsk, onRelease}) {
    this.#element = document.getElementById('lanes');
    this.#book = book;
    this.#onMove = onMove;
    this.#onAsk = onAsk;
    const template = document.getElementById('lane-template');
    this.#lanes =
        LANES.map((status) => new Lane({template, status, book, context, onRelease}));
    this.#element.append(...this.#lanes.map(({element}) => element));
    this.#element.addEventListener('click', ({target}) => {
      const action = target.closest('[data-action]')?.dataset.action;
      const id = target.closest('[data-key]')?.dataset.key;
      const lane = this.#lanes.find(({element}) => element.contains(target));
      if (action && id) this.#act(action, lane, id);
    });
  }

  step() { this.#actOnFocused('step'); }

  cancel() { this.#actOnFocused('cancel'); }

  // `statuses`: the names of the lanes to show. A shop that keeps to the known statuses need not
  // see that there are others.
  render({statuses, nowMs, anew}) {
    for (const lane of this.#lanes) {
      const shown = lane.name === OTHER.name ? this.#book.lane(lane.name).length > 0 :
                                               statuses.includes(lane.name);
      if (lane.element.hidden === shown) lane.element.hidden = !shown;
      lane.render({nowMs, anew});
    }
  }

  tick(nowMs) {
    for (const lane of this.#lanes) lane.tick(nowMs);
  }

  // Draws every card again: what all of them show has changed.
  redraw(nowMs) {
    for (const lane of this.#lanes) lane.redraw(nowMs);
  }

  // Draws the card of one order again, wherever it is.
  redrawCard(id, nowMs) {
    for (const lane of this.#lanes) lane.card(id)?.redraw(nowMs);
  }

  // Moves the focus by that many cards within the lane.
  moveInLane(step) {
    const lane = this.#focusedLane();
    if (!lane) return this.#focusFirst();
    lane.focusAt(lane.ids.indexOf(lane.focusedId) + step);
  }

  // Moves the focus to the next lane in that direction (1 or -1) that has an order.
  moveToLane(direction) {
    const lane = this.#focusedLane();
    if (!lane) return this.#focusFirst();
    const lanes = this.#visible();
    let index = lanes.indexOf(lane) + direction;
    while (lanes[index] && !lanes[index].focusCurrent()) index += direction;
    lanes[index]?.element.scrollIntoView({inline: 'nearest', block: 'nearest'});
  }

  #visible() { return this.#lanes.filter(({element}) => !element.hidden); }

  #focusedLane() { return this.#lanes.find(({focusedId}) => focusedId !== undefined); }

  #focusFirst() { this.#visible().some((lane) => lane.focusCurrent()); }

  #actOnFocused(action) {
    const lane = this.#focusedLane();
    if (lane) this.#act(action, lane, lane.focusedId);
  }

  // A card whose order has gone on, and that stands in `lane` only as long as that is held, offers
  // nothing: its next step is another one than the user has seen.
  #act(action, lane, id) {
    const order = this.#book.get(id);
    if (!order || order.wish || order.lane.name !== lane.name) return;
    if (action === 'step' && order.lane.next) return this.#onMove(id, order.lane.next);
    if (action !== 'cancel' || !order.lane.isOpen) return;
    const card = lane.card(id);
    if (card?.asksToCancel) {
      card.endQuestion();
      this.#onMove(id, 'cancelled');
    } else {
      card?.askToCancel(CONFIRM_MS);
      this.#onAsk(order);
    }
  }
}
