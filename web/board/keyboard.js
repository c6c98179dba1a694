// The shortcuts of the board: single keys, as long as nobody is typing.

// `actions`: what each does, by the name that the list in index.html has for it.
export function listenToKeys(document, actions) {
  const moves = {
    ArrowDown: () => actions.move(1),
    j: () => actions.move(1),
    ArrowUp: () => actions.move(-1),
    k: () => actions.move(-1),
    ArrowRight: () => actions.lane(1),
    l: () => actions.lane(1),
    ArrowLeft: () => actions.lane(-1),
    h: () => actions.lane(-1),
  };
  const presses = {
    a: actions.step,
    x: actions.cancel,
    '/': actions.search,
    p: actions.pause,
    m: actions.sound,
    i: actions.inspector,
    '?': actions.menu,
  };
  const bindings = {...moves, ...presses};
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // It is for the input method: Escape gives up the letters, and not the search.
    if (event.isComposing) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') return actions.escape();
    if (isTyping(event.target, event.key)) return;
    // A key that is kept down is one press, unless it moves: a cancellation takes two.
    if (event.repeat && (event.key === 'Enter' || Object.hasOwn(presses, event.key)))
      return event.preventDefault();
    // Enter on a card itself is its next step; on a button in it, that button's click.
    if (event.key === 'Enter' && event.target.matches?.('.card')) return actions.step();
    if (!Object.hasOwn(bindings, event.key)) return;
    event.preventDefault();
    bindings[event.key]();
  });
}

function isTyping(element, key) {
  if (element.closest?.('input, textarea, [contenteditable]')) return true;
  // A list of choices is driven by letters and arrows; so is what scrolls in the inspector.
  return Boolean(element.closest?.('select, .drawer') && key !== '?' && key !== 'i');
}
