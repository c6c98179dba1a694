// What tabs of one browser share, in one process: locks and channels; and a SharedWorker that fails.

// As much of navigator.locks as there is use for: one holder of a name at a time, in the order of
// the requests.
export class FakeLocks {
  #queues = new Map();

  async request(name, action) {
    const before = this.#queues.get(name);
    const turn = Promise.resolve(before).then(action);
    this.#queues.set(name, turn);
    return turn;
  }
}

// Channels of one name get what the others of that name post, a moment later.
export function fakeBroadcastChannels() {
  const open = new Set();
  return class {
    onmessage = null;

    constructor(name) {
      this.name = name;
      open.add(this);
    }

    postMessage(message) {
      const data = structuredClone(message);
      for (const other of open) {
        if (other === this || other.name !== this.name) continue;
        queueMicrotask(() => open.has(other) && other.onmessage({data}));
      }
    }

    close() { open.delete(this); }
  };
}

// `fail` is called with the worker, a moment after it was made.
export function failingSharedWorker(fail) {
  return class {
    onerror = null;
    port = {
      onmessage: null,
      postMessage() {},
    };

    constructor() { queueMicrotask(() => fail(this)); }
  };
}
