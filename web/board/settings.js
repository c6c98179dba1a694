// What this browser remembers of its user's choices. A browser that keeps nothing (private mode,
// blocked storage) has the choices until the page is closed.

const PREFIX = 'ordercast.board.';

const memory = new Map();

export function recall(name, otherwise) {
  if (memory.has(name)) return memory.get(name);
  try {
    return localStorage.getItem(PREFIX + name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // It is remembered in memory.
  }
}
