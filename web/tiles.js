// The counts by status, which are the status filter as well: one button each, one of them pressed.

import {instantiate, setIcon, setText} from './dom.js';
import {OTHER, STATUSES} from './statuses.js';

const ALL = {
  name: null,
  label: 'All'
};

export class Tiles {
  #tiles = [];
  #format;

  // `onChoose` is called with the name of a group, or null for all.
  constructor(document, format, onChoose) {
    this.#format = format;
    const template = document.getElementById('tile-template');
    for (const {name, label} of [ALL, ...STATUSES, OTHER]) {
      const {element, parts, use} = instantiate(template);
      element.dataset.group = name ?? 'all';
      setIcon(use, name ?? 'all');
      setText(parts.label, label);
      element.addEventListener('click', () => onChoose(name));
      this.#tiles.push({name, element, parts});
      document.getElementById('tiles').append(element);
    }
  }

  render(orders, chosen) {
    for (const {name, element, parts} of this.#tiles) {
      const count = name === null ? orders.size : orders.count(name);
      setText(parts.count, orders.loaded ? this.#format.count(count) : '\u2013');
      element.setAttribute('aria-pressed', String(name === chosen));
      element.toggleAttribute('data-none', count === 0);
      // A shop that keeps to the known statuses need not see that there are others.
      if (name === OTHER.name) element.hidden = count === 0 && chosen !== name;
    }
  }
}
