// How much JavaScript keeps: in a page, and in the worker that its tabs share. By Chromium's own
// count, after its garbage was collected.

// Some garbage is found only after other garbage is gone.
const COLLECTIONS = 3;

export class Heap {
  #call;

  static async ofPage(page) {
    const session = await page.context().newCDPSession(page);
    return new Heap((method) => session.send(method));
  }

  // There must be exactly one.
  static async ofSharedWorker(browser) {
    const session = await browser.newBrowserCDPSession();
    const {targetInfos} = await session.send('Target.getTargets');
    const workers = targetInfos.filter(({type}) => type === 'shared_worker');
    if (workers.length !== 1) throw new Error(`${workers.length} shared workers`);
    const {sessionId} =
        await session.send('Target.attachToTarget', {targetId: workers[0].targetId, flatten: false});
    const answers = new Map();
    session.on('Target.receivedMessageFromTarget', (event) => {
      const {id, result, error} = JSON.parse(event.message);
      if (event.sessionId === sessionId) answers.get(id)?.(error ?? result);
    });
    let calls = 0;
    return new Heap((method) => new Promise((resolve, reject) => {
      const id = ++calls;
      answers.set(id, resolve);
      session.send('Target.sendMessageToTarget', {sessionId, message: JSON.stringify({id, method})})
          .catch(reject);
    }));
  }

  constructor(call) { this.#call = call; }

  async megabytes() {
    for (let i = 0; i < COLLECTIONS; ++i) await this.#call('HeapProfiler.collectGarbage');
    const {usedSize} = await this.#call('Runtime.getHeapUsage');
    if (!(usedSize > 0)) throw new Error('Chromium does not say how large the heap is');
    return usedSize / 2 ** 20;
  }
}
