// The user's work at the desk: an order moves on the board at once, and back when the database does
// not agree; then its card says why.

import {move} from './desk.js';
import {plain} from './format.js';
import {laneOf, OTHER} from './statuses.js';

// How long a card says what became of its order. A change of the order ends it, too.
const OUTCOME_MS = 15_000;

export class DeskWork {
  #book;
  #locale;
  #onChange;
  #outcomes = new Map();  // id → text

  // `onChange({id, text})` is called when an order has moved, or something is to be said of it.
  constructor(book, locale, onChange) {
    this.#book = book;
    this.#locale = locale;
    this.#onChange = onChange;
  }

  // What there is to say of that order, or undefined.
  outcome(id) { return this.#outcomes.get(id); }

  async move(id, status, nowMs = Date.now()) {
    const order = this.#book.get(id);
    if (!order || order.wish) return;
    this.#outcomes.delete(id);
    const wish = this.#book.wish(id, status, nowMs);
    this.#onChange({id, text: ''});
    const outcome = await move(order, status);
    if (outcome.kind === 'done') return this.#onChange({id, text: this.#moved(order, status)});
    this.#book.drop(id, wish);
    const text = this.#say(outcome);
    this.#outcomes.set(id, text);
    setTimeout(() => {
      if (this.#outcomes.get(id) !== text) return;
      this.#outcomes.delete(id);
      this.#onChange({id, text: ''});
    }, OUTCOME_MS);
    this.#onChange({id, text});
  }

  #moved(order, status) {
    const locale = this.#locale;
    return locale.t(
        'spoken.moved',
        {order: plain(order.row.order_number), status: locale.t(`status.${status}`)});
  }

  #say({kind, row, detail}) {
    const locale = this.#locale;
    if (kind !== 'conflict') return locale.t(kind, {detail: detail || locale.t('unreachable')});
    const lane = laneOf(row?.status);
    if (lane === OTHER) return locale.t('conflict.other');
    return locale.t('conflict', {status: locale.t(`status.${lane.name}`)});
  }
}
