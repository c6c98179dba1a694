// Which orders are on view: a group of statuses and words that all occur. A value: `with` gives a
// changed copy. It is kept in the page's address, so that a reload or a shared link shows the same
// orders.

import {searchable} from './orders.js';
import {OTHER, STATUSES} from './statuses.js';

const GROUPS = new Set([...STATUSES, OTHER].map((status) => status.name));

export class Filter {
  #words;

  constructor({group = null, text = ''} = {}) {
    this.group = group;
    this.text = text;
    this.#words = searchable(text).split(/\s+/).filter(Boolean);
    Object.freeze(this);
  }

  static fromQuery(query) {
    const parameters = new URLSearchParams(query);
    const group = parameters.get('status');
    return new Filter({group: GROUPS.has(group) ? group : null, text: parameters.get('q') ?? ''});
  }

  toQuery() {
    const parameters = new URLSearchParams();
    if (this.group) parameters.set('status', this.group);
    if (this.text) parameters.set('q', this.text);
    return parameters.toString();
  }

  with(change) { return new Filter({group: this.group, text: this.text, ...change}); }

  get isEverything() { return !this.group && this.#words.length === 0; }

  matches(entry) {
    return (!this.group || entry.group === this.group) &&
        this.#words.every((word) => entry.searchText.includes(word));
  }
}
