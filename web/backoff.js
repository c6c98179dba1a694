// Exponential back-off with full jitter: the nth delay is uniform in [floorMs, min(capMs, floorMs *
// 2^n)], from n = 1, so that the many boards of one lost server do not come back in step, not even
// at the first try.

export class Backoff {
  #floorMs;
  #capMs;
  #ceilingMs;
  #random;

  // `random` returns a number in [0, 1); it is passed in so that tests are exact.
  constructor({floorMs, capMs, random = Math.random}) {
    this.#floorMs = floorMs;
    this.#capMs = capMs;
    this.#ceilingMs = 2 * floorMs;
    this.#random = random;
  }

  next() {
    const delayMs = this.#floorMs + this.#random() * (this.#ceilingMs - this.#floorMs);
    this.#ceilingMs = Math.min(this.#capMs, this.#ceilingMs * 2);
    return delayMs;
  }

  reset() { this.#ceilingMs = 2 * this.#floorMs; }
}
