// What stands where no rows can: loading, empty, nothing found and the errors, with a way out.

import {setText} from './dom.js';

const NOTICES = {
  empty: {
    title: 'No orders yet',
    text: 'The table is empty. The moment an order is committed, it appears here.',
  },
  nothing: {
    title: 'No order matches',
    text: 'No order has this status and these words.',
    action: 'Show all orders',
  },
  unreachable: {
    title: 'The stream cannot be reached',
    text: 'Ordercast, or something on the way to it, does not answer. The board goes on trying.',
    action: 'Try now',
  },
  offline: {
    title: 'No network',
    text: 'The browser says that it is offline. The board goes on when the network is back.',
  },
  database: {
    title: 'The database cannot be reached',
    text: 'Ordercast is up but has lost PostgreSQL. The orders appear when it is back.',
  },
};

// Which notice fits, by name; 'loading' has no text of its own, null is for rows that can be shown.
export function noticeFor(orders, phase, matching) {
  if (orders.loaded) {
    if (orders.size === 0) return 'empty';
    return matching === 0 ? 'nothing' : null;
  }
  return {reconnecting: 'unreachable', offline: 'offline', stale: 'database'}[phase] ?? 'loading';
}

export class Notice {
  #section;
  #element;
  #actions;
  #name = 'loading';

  // `actions`: what the button of a notice does, by the notice's name.
  constructor(document, actions) {
    this.#section = document.getElementById('orders');
    this.#element = document.getElementById('notice');
    this.#actions = actions;
    this.#button.addEventListener('click', () => this.#actions[this.#name]());
  }

  render(name) {
    this.#name = name;
    const notice = NOTICES[name];
    if (name) this.#section.dataset.notice = name;
    else delete this.#section.dataset.notice;
    this.#section.setAttribute('aria-busy', String(name === 'loading'));
    this.#element.hidden = !notice;
    if (!notice) return;
    setText(this.#element.querySelector('h2'), notice.title);
    setText(this.#element.querySelector('p'), notice.text);
    this.#button.hidden = !notice.action;
    setText(this.#button, notice.action ?? '');
  }

  get #button() { return this.#element.querySelector('button'); }
}
