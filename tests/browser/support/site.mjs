// Another site: an origin of its own, whose only page is empty.

import {once} from 'node:events';
import http from 'node:http';

export class Site {
  #server;

  static async open() {
    const site = new Site();
    site.#server = http.createServer((request, response) => {
      response.writeHead(200, {'Content-Type': 'text/html'});
      response.end('<!doctype html><title>Another site</title>');
    });
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  // Its origin under that name of this machine. Browsers call names sites, and ports origins:
  // of http://127.0.0.1:1 and :2 the cookies are the same, of http://localhost:1 they are not.
  origin(host) { return `http://${host}:${this.#server.address().port}`; }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
