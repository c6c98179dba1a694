// Whether a list stands still: while the pointer or the keyboard focus is in it, or it is scrolled
// away from its head, nothing in it may move. Nor on the way to the button that tells what waits,
// which would go from under the hand, and the click meet a card. Not for ever: a board hangs on a wall all day, and a
// pointer that somebody left over it must not stop it. HOLD_MS after the last sign of a hand the
// list moves again.

export const HOLD_MS = 30_000;

export class Hold {
  #list;
  #onRelease;
  #pointer = false;
  #touchedMs = -Infinity;
  #timer = null;

  // `list` is the element that scrolls, `fresh` the button that shows what waits. `onRelease` is
  // called when the list need no longer stand still.
  constructor(list, fresh, onRelease) {
    this.#list = list;
    this.#onRelease = onRelease;
    const enter = () => {
      this.#pointer = true;
      this.#touch();
    };
    const leave = ({relatedTarget}) => {
      if (list.contains(relatedTarget) || fresh.contains(relatedTarget)) return;
      this.#pointer = false;
      this.#onRelease();
    };
    for (const element of [list, fresh]) {
      for (const type of ['pointerover', 'pointermove', 'pointerdown'])
        element.addEventListener(type, enter, {passive: true});
      element.addEventListener('pointerleave', leave);
    }
    for (const type of ['focusin', 'keydown', 'scroll'])
      list.addEventListener(type, () => this.#touch(), {passive: true});
    list.addEventListener('focusout', () => this.#onRelease());
  }

  get active() {
    return performance.now() - this.#touchedMs < HOLD_MS &&
        (this.#pointer || this.#list.scrollTop > 0 || this.#list.contains(document.activeElement));
  }

  // Ends the hold now, because the user asks for it.
  release() {
    this.#pointer = false;  // where it is now the next movement tells: the button has gone
    this.#touchedMs = -Infinity;
    this.#onRelease();
  }

  #touch() {
    this.#touchedMs = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onRelease(), HOLD_MS);
  }
}
