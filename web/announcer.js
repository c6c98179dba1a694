// Tells a screen reader what happens, through one polite live region: the connection's state and
// how many orders came or changed, at most one announcement in MIN_INTERVAL_MS, however fast the
// trade is.

export const MIN_INTERVAL_MS = 5000;

const NOUNS = {
  insert: 'new',
  update: 'changed',
  delete: 'removed'
};

export class Announcer {
  #say;
  #setTimeout;
  #state = '';
  #tally = new Map();
  #waiting = false;

  // `say` puts a text into the live region.
  constructor(say, setTimeout = globalThis.setTimeout.bind(globalThis)) {
    this.#say = say;
    this.#setTimeout = setTimeout;
  }

  // The latest state is what counts: an unspoken earlier one is dropped.
  state(text) {
    this.#state = text;
    this.#speakSoon();
  }

  // `op` is insert, update or delete.
  change(op) {
    this.#tally.set(op, (this.#tally.get(op) ?? 0) + 1);
    this.#speakSoon();
  }

  #speakSoon() {
    if (!this.#waiting) this.#speak();
  }

  #speak() {
    const changes = Object.keys(NOUNS)
                        .filter((op) => this.#tally.has(op))
                        .map((op) => `${this.#tally.get(op)} ${NOUNS[op]}`)
                        .join(', ');
    const text = [this.#state, changes && `Orders: ${changes}.`].filter(Boolean).join(' ');
    this.#waiting = text !== '';
    if (!this.#waiting) return;
    this.#state = '';
    this.#tally.clear();
    this.#say(text);
    this.#setTimeout(() => this.#speak(), MIN_INTERVAL_MS);
  }
}
