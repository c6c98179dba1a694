// The merchants that the board knows: by name where the server has a stream `merchants` (id, name),
// else by the numbers that their orders bear.

const MAX_MERCHANTS = 1000;

export class Merchants {
  #names = new Map();
  #known = new Set();
  #locale;

  constructor(locale) { this.#locale = locale; }

  // Reads the stream `merchants` as it is now.
  async load() {
    // Of the person who is signed in now, even if the answer comes later.
    const names = this.#names;
    const known = this.#known;
    try {
      const answer = await fetch(
          `v1/streams/merchants?snapshot=true&until=now&limit=${MAX_MERCHANTS}&order=id`,
          {headers: {Accept: 'application/x-ndjson'}});
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

  forget() {
    this.#names = new Map();
    this.#known = new Set();
  }

  // Answers whether that was a new one.
  note(id) {
    if (id == null || this.#known.has(String(id)) || this.#known.size >= MAX_MERCHANTS) return false;
    this.#known.add(String(id));
    return true;
  }

  name(id) { return this.#names.get(String(id)) ?? this.#locale.t('card.merchant', {id}); }

  list() {
    return [...this.#known].sort((a, b) => a - b).map((id) => ({id, name: this.name(id)}));
  }
}
