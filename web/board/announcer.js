// Tells a screen reader what happens, through one polite live region: the connection's state, what
// the desk has done and how many orders came or changed, at most one announcement in
// MIN_INTERVAL_MS, however fast the trade is. Only a question comes at once, and only a lost
// connection is an alert.

export const MIN_INTERVAL_MS = 5000;

const OPS = ['insert', 'update', 'delete'];

export class Announcer {
  #say;
  #locale;
  #setTimeout;
  #state = '';
  #result = '';
  #question = '';
  #said = '';
  #tally = new Map();
  #waiting = false;
  #turn = 0;

  // `say` puts a text into the live region, in place of the one before.
  constructor(say, locale, setTimeout = globalThis.setTimeout.bind(globalThis)) {
    this.#say = say;
    this.#locale = locale;
    this.#setTimeout = setTimeout;
  }

  // The latest state is what counts: an unspoken earlier one is dropped.
  state(text) {
    this.#state = text;
    this.#speakSoon();
  }

  // What became of the user's own action; the latest counts.
  result(text) {
    this.#result = text;
    this.#speakSoon();
  }

  // What the user is asked. It does not stand long: it waits for nothing.
  question(text) {
    this.#question = text;
    this.#speak();
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
    const changes = OPS.filter((op) => this.#tally.has(op))
                        .map((op) => this.#locale.counted(`spoken.${op}`, this.#tally.get(op)));
    const text =
        [this.#question, this.#state, this.#result, ...changes].filter(Boolean).join(' ');
    this.#waiting = text !== '';
    // A text that stays as it is is not read out again: with nothing new the region is emptied, and
    // the same again has a space behind it.
    this.#said = text !== '' && text === this.#said ? `${text}\u00a0` : text;
    this.#say(this.#said);
    if (!this.#waiting) return;
    this.#question = this.#state = this.#result = '';
    this.#tally.clear();
    const turn = ++this.#turn;
    this.#setTimeout(() => turn === this.#turn && this.#speak(), MIN_INTERVAL_MS);
  }
}
