// /openapi.json: sound OpenAPI 3.1, of exactly the routes that there are; its examples work on a
// real server, whose answers and events are of the schemas that it gives.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, test} from 'node:test';

import {Validator} from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';

import {findOrdercast, Ordercast} from './support/ordercast.mjs';
import {TokenKey} from './support/token_key.mjs';

// The board's own files are no API.
const isPage = (path) => path === '/' || /\.(js|css|svg|html)$/.test(path);

let shop;
let guarded;  // the same with tokens: it has the routes of sessions and tickets
let key;
let api;
let ajv;

before(async () => {
  key = await TokenKey.create();
  [shop, guarded] = await Promise.all([
    Ordercast.start({heartbeatMs: 200}),
    Ordercast.start({access: ['--jwt-key', key.file]}),
  ]);
  api = await (await fetch(`${shop.url}/openapi.json`)).json();
  ajv = new Ajv({strict: false, allErrors: true});
  ajv.addSchema(api, 'api');
  // One of each kind of change, and a message.
  await shop.sql(`INSERT INTO orders (merchant_id, order_number, customer_name, currency, total)
                    VALUES (1, 'API-0', 'Ada', 'EUR', 7);
                  UPDATE orders SET note = 'x' WHERE order_number = 'API-0';
                  DELETE FROM orders WHERE order_number = 'API-0';
                  SELECT ordercast.publish('orders', 'note', '{"text": "x"}')`);
});
after(async () => {
  await Promise.all([shop?.stop(), guarded?.stop()]);
  await key?.remove();
});

function resolve(value) {
  if (!value?.$ref) return value;
  return value.$ref.slice(2).split('/').reduce((at, name) => at[name], api);
}

function check(schema, value, what) {
  const validate = ajv.compile(schema.$ref ? {$ref: `api${schema.$ref}`} : schema);
  assert.ok(validate(value), `${what}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(value)}`);
}

// [{method, path, operation}]
function operations() {
  return Object.entries(api.paths).flatMap(
      ([path, item]) => Object.entries(item).map(
          ([method, operation]) => ({method: method.toUpperCase(), path, operation})));
}

function checkEvents(text, operation) {
  const events = operation.responses['200'].content['text/event-stream']['x-events'];
  const seen = [];
  for (const frame of text.split('\n\n').slice(0, -1)) {
    const name = /^event: (.*)$/m.exec(frame)?.[1];
    if (!name) continue;
    const data = [...frame.matchAll(/^data: (.*)$/gm)].map((match) => match[1]).join('\n');
    check(events[name] ?? events['*'], JSON.parse(data), `event ${name}`);
    seen.push(name);
  }
  return seen;
}

// Sends it, and holds the answer against the description.
async function ask(server, {method, path, operation}, {query = {}, headers = {}} = {}) {
  let target = path;
  for (const parameter of (operation.parameters ?? []).map(resolve)) {
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, parameter.example);
  }
  const body = operation.requestBody?.content['application/json'].example;
  const parameters = new URLSearchParams(query);
  const response = await fetch(`${server.url}${target}?${parameters}`, {
    method,
    headers: {...(body ? {'Content-Type': 'application/json'} : {}), ...headers},
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const what = `${method} ${target}?${parameters}`;
  const text = await response.text();
  const described = resolve(operation.responses[response.status]);
  assert.ok(described, `${what}: status ${response.status} is not described: ${text}`);
  const type = response.headers.get('content-type')?.split(';')[0];
  assert.ok(!type || type in described.content, `${what}: type ${type} is not described`);
  for (const header of Object.keys(described.headers ?? {})) {
    assert.ok(response.headers.has(header), `${what}: no ${header}`);
  }
  if (type?.endsWith('json') && type !== 'application/x-ndjson') {
    check(described.content[type].schema, JSON.parse(text), what);
  }
  const events = type === 'text/event-stream' ? checkEvents(text, operation) : [];
  return {status: response.status, events, text};
}

test('it is sound OpenAPI 3.1, of this version', async () => {
  const validator = new Validator();
  const {valid, errors} = await validator.validate(structuredClone(api));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
  const version = execFileSync(findOrdercast(), ['--version'], {encoding: 'utf8'}).trim();
  assert.equal(`ordercast ${api.info.version}`, version);
});

test('it has every route that there is, and no other', async () => {
  const routes = new Set();
  for (const server of [shop, guarded]) {
    const headers = {Authorization: `Bearer ${await key.mint('--all-tenants')}`};
    const {detail} = await (await fetch(`${server.url}/nowhere`, {headers})).json();
    for (const [, method, path] of detail.matchAll(/([A-Z]+) (\/[^ ,]*?)[,.](?= |$)/g)) {
      if (!isPage(path)) routes.add(`${method} ${path}`);
    }
  }
  const described = operations().map(({method, path}) => `${method} ${path}`);
  assert.deepEqual([...routes].sort(), described.sort());
});

test('what needs no further word works as its example says', async () => {
  for (const each of operations()) {
    const {path} = each;
    if (path === '/v1/streams/{stream}' || path.endsWith('/explain')) continue;
    const tokens = each.operation.tags.includes('access');
    const headers = tokens ? {Authorization: `Bearer ${await key.mint('--all-tenants')}`} : {};
    if (tokens) headers.Origin = guarded.url;
    const {status, text} = await ask(tokens ? guarded : shop, each, {headers});
    assert.ok(status < 300, `${each.method} ${path}: ${status} ${text}`);
  }
});

test('each parameter of a stream works as its example says, and its events are as described', async () => {
  const path = '/v1/streams/{stream}';
  const operation = api.paths[path].get;
  const seen = new Set();
  for (const parameter of operation.parameters.map(resolve)) {
    const {name, example} = parameter;
    if (parameter.in === 'path' || example === undefined) continue;
    const rows = ['snapshot', 'order', 'limit'].includes(name);
    const query = {until: 'now', ...(rows ? {snapshot: true} : {last_event_id: 'earliest'})};
    if (name === 'lastEventId' || parameter.in === 'header') delete query.last_event_id;
    const headers = {Accept: 'text/event-stream'};
    if (parameter.in === 'header') headers[name] = example;
    else Object.assign(query, typeof example === 'object' ? example : {[name]: example});
    const {status, events, text} = await ask(shop, {method: 'GET', path, operation}, {query, headers});
    assert.equal(status, 200, `${name}: ${text}`);
    assert.equal(events.at(-1), 'end', `${name}: ${events}`);
    for (const event of events) seen.add(event);
  }
  assert.deepEqual([...seen].sort(), ['delete', 'end', 'hello', 'insert', 'note', 'ready', 'update']);
});

test('the events of a stream that goes on are as described, too', async () => {
  const operation = api.paths['/v1/streams/{stream}'].get;
  const abort = new AbortController();
  const response =
      await fetch(`${shop.url}/v1/streams/orders?heartbeat=event&last_event_id=1nonsense`,
                  {headers: {Accept: 'text/event-stream'}, signal: abort.signal});
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (/\nevent: heartbeat\n.*\n\n/s.test(text)) break;  // the whole of it
  }
  abort.abort();
  const events = checkEvents(text.slice(0, text.lastIndexOf('\n\n') + 2), operation);
  assert.ok(events.includes('reset') && events.includes('heartbeat'), String(events));
});

test('a change is explained as described, and refusals are problems', async () => {
  const path = '/v1/streams/{stream}/explain';
  const each = {method: 'GET', path, operation: api.paths[path].get};
  const stream = await (await fetch(
      `${shop.url}/v1/streams/orders?last_event_id=earliest&until=now`,
      {headers: {Accept: 'application/x-ndjson'}})).text();
  const lines = stream.trim().split('\n').map((line) => JSON.parse(line));
  const {seq} = lines.find((line) => line.seq);
  assert.equal((await ask(shop, each, {query: {seq}})).status, 200);
  assert.equal((await ask(shop, each)).status, 400);
  assert.equal((await ask(shop, each, {query: {seq: 999999999}})).status, 404);
  assert.equal((await ask(guarded, each, {query: {seq}})).status, 401);
  const order = '/v1/orders/{id}';
  const change = {method: 'PATCH', path: order, operation: api.paths[order].patch};
  assert.equal((await ask(shop, change, {headers: {'If-Match': '"other"'}})).status, 412);
});
