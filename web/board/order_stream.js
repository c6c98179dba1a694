// The stream of the orders that are asked for. Another question opens another stream; the rows of
// the one before stay until the new ones are complete.

import {Collection} from '../ordercast.js';

const STREAM = 'v1/streams/orders';

export class OrderStream {
  #collection = null;
  #listener;

  // `listener`: onRows(rows) for all rows at one stroke, onChange(kind, change) with kind 'insert',
  // 'update' or 'delete', onStatus(status); see ordercast.d.ts.
  constructor(listener) { this.#listener = listener; }

  // Whether all rows of the present question have come.
  get loaded() { return this.#collection.loaded; }

  // The address of the stream, for people and their curl.
  url = '';

  // `filter`: the conditions of the view as a query, or ''.
  open(filter) {
    this.#collection?.close();
    const path = filter ? `${STREAM}?${filter}` : STREAM;
    this.url = new URL(path, location).href;
    const collection = this.#collection = new Collection(path, {
      onReset: (rows) => this.#tell(collection, 'onRows', rows),
      onInsert: (change) => this.#tell(collection, 'onChange', 'insert', change),
      onUpdate: (change) => this.#tell(collection, 'onChange', 'update', change),
      onDelete: (change) => this.#tell(collection, 'onChange', 'delete', change),
      onStatus: (status) => this.#tell(collection, 'onStatus', status),
    });
  }

  reconnect() { this.#collection.reconnect(); }

  #tell(collection, event, ...news) {
    if (collection === this.#collection) this.#listener[event](...news);
  }
}
