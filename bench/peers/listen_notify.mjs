// What one writes first: a trigger sends each row with NOTIFY, the server LISTENs and puts it into
// a queue for each connection. node listen_notify.mjs CHANNEL; libpq's PGHOST, PGPORT, PGUSER and
// PGDATABASE say where the database is.
import { createServer } from "node:http";
import pg from "pg";

class Subscriber {
  constructor(response) {
    this.response = response;
    this.queue = [];
    response.on("drain", () => this.flush());
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.flushHeaders();
  }

  push(frame) {
    this.queue.push(frame);
    if (!this.response.writableNeedDrain) this.flush();
  }

  flush() {
    while (this.queue.length > 0 && this.response.write(this.queue.shift()));
  }
}

const subscribers = new Set();
let received = 0;

const server = createServer({ noDelay: true }, (request, response) => {
  const subscriber = new Subscriber(response);
  subscribers.add(subscriber);
  response.on("close", () => subscribers.delete(subscriber));
});

const client = new pg.Client();
client.on("notification", ({ payload }) => {
  const frame = `id: ${++received}\nevent: insert\ndata: ${payload}\n\n`;
  for (const subscriber of subscribers) subscriber.push(frame);
});
await client.connect();
await client.query(`LISTEN ${client.escapeIdentifier(process.argv[2])}`);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
  console.log(`listening on 127.0.0.1:${server.address().port}`),
);
