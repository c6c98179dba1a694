// A list of equally high items of which only those in sight are in the document, in the sequence of
// their ids. Items move by a translation, so that a change of one costs no layout of the others.

// Items beyond each edge, so that a flick of the wheel does not outrun the next frame.
const OVERSCAN = 4;

export class VirtualList {
  #scroller;
  #list;
  #probe;
  #make;
  #onScroll;
  #ids = [];
  #items = new Map();
  #pitch = 0;
  #height = 0;
  #frame = null;

  // `scroller` scrolls `list` (a <ul>); `probe` is an element as high as an item with the gap below
  // it. `make(id)` answers with a new item: {element}. `onScroll` is called when other items have
  // come into sight and wants a draw().
  constructor({scroller, list, probe, make, onScroll}) {
    this.#scroller = scroller;
    this.#list = list;
    this.#probe = probe;
    this.#make = make;
    this.#onScroll = onScroll;
    scroller.addEventListener('scroll', () => this.#soon(), {passive: true});
    const resized = new ResizeObserver(() => this.#measure());
    resized.observe(scroller);
    resized.observe(probe);
  }

  get ids() { return this.#ids; }

  item(id) { return this.#items.get(id); }

  // The items that are in the document.
  items() { return this.#items.values(); }

  // Shows these ids from now on. What is in sight stays in sight when the list is scrolled.
  follow(ids) {
    const {scrollTop} = this.#scroller;
    const anchor = this.#ids[Math.floor(scrollTop / this.#pitch)];
    const before = this.#ids.indexOf(anchor);
    this.#ids = ids;
    const after = scrollTop > 0 ? ids.indexOf(anchor) : -1;
    this.#list.style.height = `${ids.length * this.#pitch}px`;
    this.#list.toggleAttribute('data-still', after >= 0 && after !== before);
    if (after >= 0 && after !== before)
      this.#scroller.scrollTop = scrollTop + (after - before) * this.#pitch;
  }

  // Brings the document up to date: `show(item, id, index)` for each in sight, and for `pinned`, the
  // id of an item that must not go because it has the focus.
  draw(show, pinned) {
    const wanted = this.#inSight(pinned);
    for (const [id, {element}] of this.#items) {
      if (wanted.has(id)) continue;
      element.remove();
      this.#items.delete(id);
    }
    // Elements that stand right are not touched: moving one would start its animation again.
    let next = this.#list.firstElementChild;
    for (const [id, index] of wanted) {
      const item = this.#items.get(id) ?? this.#make(id);
      this.#items.set(id, item);
      show(item, id, index);
      this.#place(item.element, index);
      if (item.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item.element, next);
    }
  }

  // Scrolls until the item at `index` is in sight.
  reveal(index) {
    const top = index * this.#pitch;
    const {scrollTop} = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + this.#pitch > scrollTop + this.#height)
      this.#scroller.scrollTop = top + this.#pitch - this.#height;
  }

  #inSight(pinned) {
    const wanted = new Map();
    if (this.#height === 0) return wanted;  // a lane that is not on the screen
    const {scrollTop} = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.#pitch) - OVERSCAN);
    const last = Math.ceil((scrollTop + this.#height) / this.#pitch) + OVERSCAN;
    const pinnedIndex = pinned === undefined ? -1 : this.#ids.indexOf(pinned);
    if (pinnedIndex >= 0 && pinnedIndex < first) wanted.set(pinned, pinnedIndex);
    this.#ids.slice(first, last).forEach((id, i) => wanted.set(id, first + i));
    if (pinnedIndex >= last) wanted.set(pinned, pinnedIndex);
    return wanted;
  }

  #place(element, index) {
    const translate = `0 ${index * this.#pitch}px`;
    if (element.style.translate !== translate) element.style.translate = translate;
    element.setAttribute('aria-posinset', index + 1);
    element.setAttribute('aria-setsize', this.#ids.length);
  }

  #measure() {
    const pitch = this.#probe.offsetHeight;
    const height = this.#scroller.clientHeight;
    if (pitch === this.#pitch && height === this.#height) return;
    this.#pitch = pitch;
    this.#height = height;
    this.#list.style.height = `${this.#ids.length * pitch}px`;
    this.#soon();
  }

  #soon() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#onScroll();
    });
  }
}
