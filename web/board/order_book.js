// The orders of the board by lane, each lane sorted. Pure: no DOM and no connection.
//
// Over what the stream says lies what the desk was asked for (a *wish*): an order that is being
// packed stands among the packed ones at once, and back where it was when the database refuses.
// A wish ends with the change that it brought about, or by `drop`.

import {newOrder, SORTS} from './order.js';
import {LANES} from './statuses.js';

export class OrderBook {
  #orders = new Map();
  #lanes = new Map();
  #compare = SORTS.newest;
  #loaded = false;

  constructor() { this.#clearLanes(); }

  // Whether rows of the present query have arrived.
  get loaded() { return this.#loaded; }

  get size() { return this.#orders.size; }

  get(id) { return this.#orders.get(id); }

  values() { return this.#orders.values(); }

  // The orders of a lane in its sequence; only to be read, and until the next change.
  lane(name) { return this.#lanes.get(name); }

  sortBy(name) {
    this.#compare = SORTS[name] ?? SORTS.newest;
    for (const lane of this.#lanes.values()) lane.sort(this.#compare);
  }

  // `rows`: all rows that there are, by the text of their keys.
  replaceAll(rows) {
    this.#loaded = true;
    this.#orders.clear();
    this.#clearLanes();
    for (const [id, row] of rows) {
      const order = newOrder(id, row);
      this.#orders.set(id, order);
      this.lane(order.lane.name).push(order);
    }
    for (const lane of this.#lanes.values()) lane.sort(this.#compare);
  }

  // As if no rows had ever arrived.
  forget() {
    this.replaceAll(new Map());
    this.#loaded = false;
  }

  // Takes a row as the stream tells it; `nowMs` is when it came.
  put(id, row, nowMs, incomplete = false) {
    this.#replace(newOrder(id, row, {changedAtMs: nowMs, incomplete}));
  }

  remove(id) {
    const order = this.#orders.get(id);
    if (!order) return;
    this.#orders.delete(id);
    const lane = this.lane(order.lane.name);
    lane.splice(this.#place(lane, order), 1);
  }

  // Shows the order in that status until the stream says what became of it.
  wish(id, status, nowMs) {
    const {row, incomplete} = this.#orders.get(id);
    const wish = {status, atMs: nowMs};
    this.#replace(newOrder(id, row, {changedAtMs: nowMs, incomplete, wish}));
    return wish;
  }

  // Shows the order as the stream had it, unless the stream has gone on meanwhile.
  drop(id, wish) {
    const order = this.#orders.get(id);
    if (order?.wish !== wish) return;
    const {row, changedAtMs, incomplete} = order;
    this.#replace(newOrder(id, row, {changedAtMs, incomplete}));
  }

  #clearLanes() {
    for (const {name} of LANES) this.#lanes.set(name, []);
  }

  #replace(order) {
    this.remove(order.id);
    this.#orders.set(order.id, order);
    const lane = this.lane(order.lane.name);
    lane.splice(this.#place(lane, order), 0, order);
  }

  // Where `order` stands in its lane, or would stand. Exact: the sequence is total.
  #place(lane, order) {
    let low = 0;
    let high = lane.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(lane[middle], order) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
