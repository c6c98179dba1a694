// Which orders are on the board, and how they are sorted. A value: `with` gives a changed copy. It
// is kept in the page's address, so that a reload or a shared link shows the same orders, and it is
// asked of the server as the filter of the view: what is not shown is not sent.

import {SORTS} from './order.js';
import {STATUSES} from './statuses.js';

const SEARCHED = ['order_number', 'customer_name', 'note'];
// The server takes targets of 2 KiB: 40 letters of 9 bytes each in three columns, and a cursor.
export const MAX_TEXT = 40;
const MAX_WORDS = 8;

const OPEN = STATUSES.filter(({isOpen}) => isOpen).map(({name}) => name);
const NAMES = STATUSES.map(({name}) => name);

export class Query {
  // `status` is '' for all, 'open', or one status; `merchant` is '' or an id.
  constructor({text = '', merchant = '', status = '', sort = 'newest'} = {}) {
    this.text = text.slice(0, MAX_TEXT);
    this.merchant = /^\d{1,18}$/.test(merchant) ? merchant : '';
    this.status = status === 'open' || NAMES.includes(status) ? status : '';
    this.sort = Object.hasOwn(SORTS, sort) ? sort : 'newest';
    Object.freeze(this);
  }

  static fromAddress(search) {
    const parameters = new URLSearchParams(search);
    return new Query({
      text: parameters.get('q') ?? '',
      merchant: parameters.get('merchant') ?? '',
      status: parameters.get('status') ?? '',
      sort: parameters.get('sort') ?? 'newest',
    });
  }

  // The page's parameters with those of the query set; others stay as they are.
  toAddress(search) {
    const parameters = new URLSearchParams(search);
    const set = (name, value) => value ? parameters.set(name, value) : parameters.delete(name);
    set('q', this.text);
    set('merchant', this.merchant);
    set('status', this.status);
    set('sort', this.sort === 'newest' ? '' : this.sort);
    return parameters.toString();
  }

  with(change) { return new Query({...this, ...change}); }

  // Whether all orders are on the board.
  get isEverything() { return this.#conditions().length === 0; }

  // The names of the statuses that can be on the board.
  get statuses() {
    if (this.status === 'open') return OPEN;
    return this.status ? [this.status] : NAMES;
  }

  // The stream's conditions, in PostgREST's syntax (docs/protocol.md#filters).
  toFilter() { return new URLSearchParams(this.#conditions()).toString(); }

  #conditions() {
    const conditions = [];
    if (this.merchant) conditions.push(['merchant_id', `eq.${this.merchant}`]);
    if (this.status) conditions.push(['status', `in.(${this.statuses.join(',')})`]);
    const words = this.text.trim().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
    if (words.length === 1) conditions.push(['or', anyColumn(words[0])]);
    else if (words.length > 1)
      conditions.push(['and', `(${words.map((word) => `or${anyColumn(word)}`).join(',')})`]);
    return conditions;
  }
}

function anyColumn(word) {
  // A word is text: its wildcards are taken literally, then the quotes and backslashes of the list.
  const pattern = `*${word.replace(/[\\%_*]/g, '\\$&')}*`;
  const quoted = `"${pattern.replace(/[\\"]/g, '\\$&')}"`;
  return `(${SEARCHED.map((column) => `${column}.ilike.${quoted}`).join(',')})`;
}
