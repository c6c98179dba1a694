// When the orders of a stream arrive here.

import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';

import {eventually} from './eventually.mjs';

const PATH = '/v1/streams/orders?events=insert&select=id';

export class Stopwatch {
  // By order: the time of day, and how long after its transaction began.
  arrivals = new Map();
  #close;
  #greeted = false;
  #rest = '';

  // A stream over plain HTTP, of a node or a proxy.
  static async plain(url) {
    const watch = new Stopwatch();
    const request = http.get(new URL(PATH, url), (response) => watch.#read(response));
    watch.#close = () => request.destroy();
    return watch.#opened();
  }

  // A stream of a proxy, over HTTP/1.1, as curl and most libraries ask for it.
  static async http1(url) {
    const watch = new Stopwatch();
    const request = https.get(new URL(PATH, url), {family: 4, rejectUnauthorized: false},
                              (response) => watch.#read(response));
    watch.#close = () => request.destroy();
    return watch.#opened();
  }

  // The same over HTTP/2.
  static async http2(url) {
    const watch = new Stopwatch();
    const session = http2.connect(url, {family: 4, rejectUnauthorized: false});
    const stream = session.request({':path': PATH, 'accept': 'text/event-stream'});
    watch.#read(stream);
    watch.#close = () => session.destroy();
    return watch.#opened();
  }

  // Waits until all of these have arrived.
  async arrived(ids) {
    await eventually(() => ids.every((id) => this.arrivals.has(id)), () => this.arrivals.size);
  }

  close() { this.#close(); }

  async #opened() {
    await eventually(() => this.#greeted);
    return this;
  }

  #read(stream) {
    stream.setEncoding('utf8');
    stream.on('data', (data) => {
      const nowMs = performance.timeOrigin + performance.now();
      const frames = (this.#rest + data).split('\n\n');
      this.#rest = frames.pop();
      for (const frame of frames) this.#take(frame, nowMs);
    });
  }

  #take(frame, nowMs) {
    this.#greeted ||= frame.includes('event: hello');
    const [, json] = /^event: insert\ndata: (.*)$/m.exec(frame) ?? [];
    if (!json) return;
    const {key, at} = JSON.parse(json);
    this.arrivals.set(key.id, {nowMs, afterMs: nowMs - Date.parse(at)});
  }
}
