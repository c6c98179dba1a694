// A Node server with the library better-sse: POST /publish is broadcast to all sessions on /sse.
import { createServer } from "node:http";
import { createChannel, createSession } from "better-sse";

const channel = createChannel();
let published = 0;

async function subscribe(request, response) {
  channel.register(await createSession(request, response, { serializer: String }));
}

async function publish(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  channel.broadcast(Buffer.concat(parts).toString(), "insert", { eventId: String(++published) });
  response.writeHead(204).end();
}

const server = createServer({ noDelay: true }, (request, response) =>
  request.method === "POST" ? publish(request, response) : subscribe(request, response),
);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
  console.log(`listening on 127.0.0.1:${server.address().port}`),
);
