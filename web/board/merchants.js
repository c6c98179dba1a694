// The merchants that the board knows: by name where the server has a stream `merchants` (id, name),
// else by the numbers that their orders bear.

const MAX_MERCHANTS = 1000;
// One answer at a time is waited for, so not for ever.
const ANSWER_MS = 15_000;

export class Merchants {
  #names = new Map();
  #known = new Set();
  #locale;
  #onNames;
  #hasStream = false;
  #isReading = false;
  #isDue = false;  // an id has come that the answer may lack

  // `onNames` is called when the stream has been read.
  constructor(locale, onNames) {
    this.#locale = locale;
    this.#onNames = onNames;
  }

  // There is a stream `merchants`: reads it, and again when an order bears an id that is new.
  async load() {
    this.#hasStream = this.#isDue = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isDue) {
      this.#isDue = false;
      await this.#read();
      this.#onNames();
    }
    this.#isReading = false;
  }

  forget() {
    this.#names = new Map();
    this.#known = new Set();
    this.#hasStream = this.#isDue = false;
  }

  // Answers whether that was a new one.
  note(id) {
    if (id == null || this.#known.has(String(id)) || this.#known.size >= MAX_MERCHANTS) return false;
    this.#known.add(String(id));
    if (this.#hasStream) this.load();
    return true;
  }

  name(id) { return this.#names.get(String(id)) ?? this.#locale.t('card.merchant', {id}); }

  list() {
    return [...this.#known].sort((a, b) => a - b).map((id) => ({id, name: this.name(id)}));
  }

  async #read() {
    // Of the person who is signed in now, even if the answer comes later.
    const names = this.#names;
    const known = this.#known;
    try {
      const answer = await fetch(
          `v1/streams/merchants?snapshot=true&until=now&limit=${MAX_MERCHANTS}&order=id`,
          {headers: {Accept: 'application/x-ndjson'}, signal: AbortSignal.timeout(ANSWER_MS)});
      if (!answer.ok) return;
      for (const line of (await answer.text()).split('\n').filter(Boolean)) {
        const {row} = JSON.parse(line);
        if (row?.name) names.set(String(row.id), String(row.name));
        if (row) known.add(String(row.id));
      }
    } catch {
      // The numbers will do.
    }
  }
}
