// A node in its last moments: it is ready, but whoever asks for anything else loses the connection
// before there is an answer, at most the beginning of one.

import {once} from 'node:events';
import http from 'node:http';

export class DyingNode {
  // How many have asked until now.
  asked = 0;
  #server;

  static async start(port) {
    const node = new DyingNode();
    node.#server = http.createServer((request, response) => {
      if (request.url === '/readyz') return response.end();
      node.asked += 1;
      request.socket.end('HTTP/1.1 200 OK\r\nContent-Ty');
    });
    await once(node.#server.listen(port, '127.0.0.1'), 'listening');
    return node;
  }

  async stop() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
