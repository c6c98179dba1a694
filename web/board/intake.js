// Between the stream and the order book: passes changes on, or, while the board is paused, keeps
// of each order the last one. So a pause of any length holds no more than there are orders.

export class Intake {
  #book;
  #paused = false;
  #rows = null;              // a whole new table that came meanwhile
  #waiting = new Map();      // id → {row, incomplete}, or null when it is gone
  #fresh = new Set();        // ids among them that the board has not shown yet

  constructor(book) { this.#book = book; }

  get paused() { return this.#paused; }

  // Orders that wait, and how many of these are new.
  get waiting() { return {changed: this.#waiting.size, fresh: this.#fresh.size}; }

  replaceAll(rows) {
    // Before the first table there is nothing that a pause could keep on the screen.
    if (!this.#paused || !this.#book.loaded) return this.#book.replaceAll(rows);
    this.#rows = new Map(rows);
    this.#waiting.clear();
    this.#fresh.clear();
    for (const id of rows.keys()) {
      if (this.#book.get(id)) continue;
      this.#fresh.add(id);
      this.#waiting.set(id, null);
    }
  }

  put(id, row, nowMs, incomplete) {
    if (!this.#paused) return this.#book.put(id, row, nowMs, incomplete);
    if (!this.#book.get(id)) this.#fresh.add(id);
    this.#waiting.set(id, {row, incomplete});
  }

  remove(id) {
    if (!this.#paused) return this.#book.remove(id);
    this.#fresh.delete(id);
    if (this.#book.get(id)) this.#waiting.set(id, null);
    else this.#waiting.delete(id);
    this.#rows?.delete(id);
  }

  pause() { this.#paused = true; }

  resume(nowMs) {
    this.#paused = false;
    if (this.#rows) {
      for (const [id, change] of this.#waiting)
        if (change) this.#rows.set(id, change.row);
      this.#book.replaceAll(this.#rows);
    } else {
      for (const [id, change] of this.#waiting) {
        if (change) this.#book.put(id, change.row, nowMs, change.incomplete);
        else this.#book.remove(id);
      }
    }
    this.forget();
  }

  // What waits is of another query: away with it.
  forget() {
    this.#rows = null;
    this.#waiting.clear();
    this.#fresh.clear();
  }
}
