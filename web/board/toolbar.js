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
    this.#onQuery = onQuery;
    // What an input method still composes is no word yet: the letters of pinyin find nothing.
    const typed = ({isComposing}) => {
      clearTimeout(this.#timer);
      if (!isComposing) this.#timer = setTimeout(() => this.#ask({}), TYPING_MS);
    };
    this.#search.addEventListener('input', typed);
    this.#search.addEventListener('compositionend', typed);
    document.getElementById('tools').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#ask({});
    });
    for (const name of ['merchant', 'status', 'sort']) {
      const select = document.getElementById(name);
      select.addEventListener('change', () => this.#ask({[name]: select.value}));
    }
    this.show(query);
    this.redraw([]);
  }

  focusSearch() { this.#search.select(); }

  // Empties the search when it has the focus; answers whether it had.
  clearSearch() {
    if (document.activeElement !== this.#search) return false;
    this.#search.value = '';
    this.#ask({});
    this.#search.blur();
    return true;
  }

  // Shows that query, with its text instead of what was typed and not asked yet.
  show(query) {
    clearTimeout(this.#timer);
    this.#query = query;
    if (this.#search.value.trim() !== query.text.trim()) this.#search.value = query.text;
    this.#choose();
  }

  // The search is left alone: somebody may be typing.
  #choose() {
    this.#merchant.value = this.#query.merchant;
    this.#status.value = this.#query.status;
    this.#sort.value = this.#query.sort;
  }

  // Writes the choices in the present language. `merchants`: [{id, name}] of those that are known.
  redraw(merchants) {
    const t = (key) => this.#locale.t(key);
    fill(this.#merchant, [['', t('filter.merchant.all')], ...merchants.map(({id, name}) => [id, name])]);
    fill(this.#status, [
      ['', t('filter.status.all')], ['open', t('filter.status.open')],
      ...STATUSES.map(({name}) => [name, t(`status.${name}`)])
    ]);
    fill(this.#sort, ['newest', 'waiting'].map((name) => [name, t(`filter.sort.${name}`)]));
    this.#choose();
  }

  // Together with what was typed, be it over or not.
  #ask(change) { this.#onQuery(this.#query.with({text: this.#search.value, ...change})); }
}

function fill(select, options) {
  const texts = options.map(([value, text]) => new Option(text, value));
  if (texts.length === select.length && texts.every(
          (option, i) => option.value === select[i].value && option.text === select[i].text)) return;
  select.replaceChildren(...texts);
}
