// The user's work at the desk: an order moves on the board at once, and back when the database does
// not agree; then its card says why.

import {isSame, move} from './desk.js';
import {plain} from './format.js';
import {laneOf, OTHER} from './statuses.js';

// How long a card says what became of its order. A change of the order ends it, too, unless it is
// the one that is spoken of.
const OUTCOME_MS = 15_000;

export class DeskWork {
  #book;
  #locale;
  #onChange;
  #outcomes = new Map();  // id → {text, rows}: what is said, and of which states of the order

  // `onChange({id, text})` is called when an order has moved, or something is to be said of it.
  constructor(book, locale, onChange) {
    this.#book = book;
    this.#locale = locale;
    this.#onChange = onChange;
  }

  // What there is to say of that order, or undefined.
  outcome(id) {
    const outcome = this.#outcomes.get(id);
    return outcome && this.#isAsIn(id, outcome.rows) ? outcome.text : undefined;
  }

  async move(id, status, nowMs = Date.now()) {
    const order = this.#book.get(id);
    if (!order || order.wish) return;
    this.#outcomes.delete(id);
    const wish = this.#book.wish(id, status, nowMs);
    this.#onChange({id, text: ''});
    const outcome = await move(order, status);
    if (outcome.kind === 'done') return this.#onChange({id, text: this.#moved(order, status)});
    this.#book.drop(id, wish);
    // The stream has answered what the desk could not.
    if (outcome.kind === 'unknown' && !this.#isAsIn(id, [order.row])) return;
    const text = this.#say(outcome);
    const said = {text, rows: [this.#book.get(id)?.row, outcome.row].filter(Boolean)};
    this.#outcomes.set(id, said);
    setTimeout(() => {
      if (this.#outcomes.get(id) !== said) return;
      this.#outcomes.delete(id);
      this.#onChange({id, text: ''});
    }, OUTCOME_MS);
    this.#onChange({id, text});
  }

  // Whether the order is still there, and as in one of these rows.
  #isAsIn(id, rows) {
    const now = this.#book.get(id)?.row;
    return now !== undefined && rows.some((row) => isSame(row, now));
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
