// The search and the filters: what the user asks for, as a query.

import {Query} from './query.js';
import {STATUSES} from './statuses.js';

// Typing is over after this, and the server is asked.
const TYPING_MS = 250;

export class Toolbar {
  #search;
  #merchant;
  #status;
  #sort;
  #locale;
  #query;
  #onQuery;
  #timer = null;

  // `onQuery` is called with each query that the user asks for.
  constructor(document, locale, query, onQuery) {
    this.#search = document.getElementById('search');
    this.#merchant = document.getElementById('merchant');
    this.#status = document.getElementById('status');
    this.#sort = document.getElementById('sort');
    this.#locale = locale;
    this.#query = query;
    this.#onQuery = onQuery;
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask({text: this.#search.value}), TYPING_MS);
    });
    document.getElementById('tools').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#ask({text: this.#search.value});
    });
    for (const name of ['merchant', 'status', 'sort']) {
      const select = document.getElementById(name);
      select.addEventListener('change', () => this.#ask({[name]: select.value}));
    }
    this.redraw([]);
  }

  focusSearch() { this.#search.select(); }

  // Empties the search when it has the focus; answers whether it had.
  clearSearch() {
    if (document.activeElement !== this.#search) return false;
    this.#search.value = '';
    this.#ask({text: ''});
    this.#search.blur();
    return true;
  }

  // Shows that query, which did not come from here.
  show(query) {
    this.#query = query;
    if (this.#search.value.trim() !== query.text.trim()) this.#search.value = query.text;
    this.#merchant.value = query.merchant;
    this.#status.value = query.status;
    this.#sort.value = query.sort;
  }

  // Writes the choices in the present language. `merchants`: [{id, name}] of those that are known.
  redraw(merchants) {
    const {t} = {t: (key) => this.#locale.t(key)};
    fill(this.#merchant, [['', t('filter.merchant.all')], ...merchants.map(({id, name}) => [id, name])]);
    fill(this.#status, [
      ['', t('filter.status.all')], ['open', t('filter.status.open')],
      ...STATUSES.map(({name}) => [name, t(`status.${name}`)])
    ]);
    fill(this.#sort, ['newest', 'waiting'].map((name) => [name, t(`filter.sort.${name}`)]));
    this.show(this.#query);
  }

  #ask(change) {
    clearTimeout(this.#timer);
    this.#query = this.#query.with(change);
    this.#onQuery(this.#query);
  }
}

function fill(select, options) {
  const texts = options.map(([value, text]) => new Option(text, value));
  if (texts.length === select.length && texts.every(
          (option, i) => option.value === select[i].value && option.text === select[i].text)) return;
  select.replaceChildren(...texts);
}
