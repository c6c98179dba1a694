// A reverse proxy that can be told to fail, as one does while the server behind it restarts.

import {once} from 'node:events';
import http from 'node:http';

// Well over the back-off of the first tries, on a busy machine, too.
const WAIT_MS = 60_000;

export class FaultyProxy {
  // The targets of the streams that were asked for.
  targets = [];
  // Pieces of streams that were relayed.
  pieces = 0;
  // How often a page has signed in: POST /sign-in, after which nothing is refused.
  signIns = 0;
  // What open streams come from.
  #relayed = new Set();
  #server;
  #status = null;
  #refused = 0;
  // How many bytes of a stream are relayed at once; the rest waits in #rests.
  #most = Infinity;
  #rests = [];

  static async start(upstream) {
    const proxy = new FaultyProxy();
    proxy.#server =
        http.createServer((request, response) => proxy.#answer(upstream, request, response));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  // Cuts the open streams, and answers streams with that status from now on.
  refuse(status) {
    this.#status = status;
    this.#refused = 0;
    this.#server.closeAllConnections();
  }

  relay() { this.#status = null; }

  get openStreams() { return this.#relayed.size; }

  // The streams that are open now stay open, and say nothing any more: as when a network dies.
  freeze() {
    for (const answer of this.#relayed) answer.unpipe();
  }

  // The streams that are opened from now on bring that many bytes, and the rest after flow().
  hold(bytes) { this.#most = bytes; }

  flow() {
    this.#most = Infinity;
    for (const rest of this.#rests.splice(0)) rest();
  }

  // Waits until that many streams were refused.
  async refusals(count) {
    const signal = AbortSignal.timeout(WAIT_MS);
    while (this.#refused < count) await once(this.#server, 'refused', {signal});
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(upstream, request, response) {
    if (request.url === '/sign-in') {
      this.signIns += 1;
      this.relay();
      response.writeHead(204).end();
      return;
    }
    const isStream = request.url.startsWith('/v1/streams/');
    if (isStream) this.targets.push(request.url);
    if (isStream && this.#status) {
      response.writeHead(this.#status).end();
      this.#refused += 1;
      this.#server.emit('refused');
      return;
    }
    const onward = http.request(
        new URL(request.url, upstream),
        {headers: {...request.headers, host: new URL(upstream).host}}, (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          isStream && this.#most < Infinity ? this.#dam(answer, response) : answer.pipe(response);
          if (isStream) this.#note(answer, response);
        });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #dam(answer, response) {
    let left = this.#most;
    response.flushHeaders();
    const relay = (piece) => {
      if (piece.length <= left) {
        left -= piece.length;
        response.write(piece);
        return;
      }
      response.write(piece.subarray(0, left));
      answer.off('data', relay);
      answer.pause();
      this.#rests.push(() => {
        response.write(piece.subarray(left));
        answer.pipe(response);
      });
    };
    answer.on('data', relay);
  }

  #note(answer, response) {
    answer.on('data', () => this.pieces += 1);
    this.#relayed.add(answer);
    response.on('close', () => this.#relayed.delete(answer));
  }
}
