// Between the stream and the order book: passes changes on, or, while the board is paused, keeps of
// each order the last one. So a pause of any length holds no more than there are orders. What the
// user does himself (a wish, see order_book.js) is shown also while paused.

export class Intake {
  #book;
  #paused = false;
  #over = false;             // what the board shows is of a query that nobody asks for any more
  #rows = null;              // a whole new table that came meanwhile
  #waiting = new Map();      // id → {row, incomplete}, or null when it is gone
  #fresh = new Set();        // ids among them that the board has not shown yet

  constructor(book) { this.#book = book; }

  get paused() { return this.#paused; }

  // Orders that wait, and how many of these are new.
  get waiting() { return {changed: this.#waiting.size, fresh: this.#fresh.size}; }

  // Answers whether the board has them now.
  replaceAll(rows) {
    // Before the first table of a query there is nothing that a pause should keep on the screen.
    if (!this.#paused || this.#over || !this.#book.loaded) {
      this.#over = false;
      this.#book.replaceAll(rows);
      return true;
    }
    this.#rows = new Map(rows);
    this.#waiting.clear();
    this.#fresh.clear();
    for (const id of rows.keys()) {
      if (this.#book.get(id)) continue;
      this.#fresh.add(id);
      this.#waiting.set(id, null);
    }
    return false;
  }

  put(id, row, nowMs, incomplete) {
    const order = this.#book.get(id);
    if (!this.#paused || order?.wish) {
      this.#rows?.set(id, row);
      this.#waiting.delete(id);
      return this.#book.put(id, row, nowMs, incomplete);
    }
    if (!order) this.#fresh.add(id);
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
    this.#clear();
  }

  // What waits is of another query: away with it. The next table is shown even while paused.
  forget() {
    this.#over = true;
    this.#clear();
  }

  #clear() {
    this.#rows = null;
    this.#waiting.clear();
    this.#fresh.clear();
  }
}
