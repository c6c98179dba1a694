// What each reverse proxy with its file of deploy/ must do: 130 native EventSources of one page stay
// live over one HTTP/2 connection, each event goes through at once, and neither a crash nor a restart
// of the node behind it nor a reload of its own loses anything, or closes one for ever.

import assert from 'node:assert/strict';
import http2 from 'node:http2';
import {after, before, test} from 'node:test';

import {launchChromium} from './support/chromium.mjs';
import {Crowd} from './support/crowd.mjs';
import {DyingNode} from './support/dying_node.mjs';
import {eventually} from './support/eventually.mjs';
import {Ordercast} from './support/ordercast.mjs';
import {apart} from './support/processors.mjs';
import {ReverseProxy} from './support/reverse_proxy.mjs';
import {Stopwatch} from './support/stopwatch.mjs';

// More than HAProxy's 100 and nginx's 128 streams of a connection.
const CROWD = 130;

// What a proxy may add, typically. The machine may be compiling as well: then as much again as the
// event took without it.
const ADDED_MS = 10;
const PROBES = 60;
// Further apart than a proxy that waits for more would notice.
const PROBE_PAUSE_S = 0.05;
// A proxy that holds events back does so each time; a machine that is busy elsewhere does not.
const ROUNDS = 3;

const STREAM = '/v1/streams/orders';
const NODE = ['--trusted-proxy', '127.0.0.1', '--drain-ms', '500'];

// `describe(node)`: for ReverseProxy.start. `reload(proxy)`: makes it read its files again. `moves`:
// whether that ends the streams that are open, sooner or later. `plain`: whether its plain port
// relays, too.
export function behindProxy({name, describe, reload, moves, plain = false}) {
  let browser, shop, node, proxy, context, crowd;
  // The orders that the crowd must have been told of.
  const ids = [];

  before(async () => {
    // Each event costs the browser far more than the proxy: on its processor the proxy would wait for
    // it, and be measured with it.
    browser = await apart(launchChromium);
    shop = await Ordercast.start({orders: 5});
    node = await shop.serve({options: NODE});
    proxy = await ReverseProxy.start(describe(node));
    context = await browser.newContext({ignoreHTTPSErrors: true});
    crowd = await Crowd.open(context, proxy.url, CROWD);
  });

  after(async () => {
    await browser?.close();
    await proxy?.stop();
    await node?.stop();
    await shop?.stop();
  });

  const sell = async (count, pauseS = 0) => {
    const sale = `INSERT INTO orders (merchant_id, customer_name, currency, total)
        VALUES (1, 'Test', 'EUR', 10) RETURNING id; SELECT pg_sleep(${pauseS}) WHERE ${pauseS} > 0;`;
    const sold = (await shop.sql(sale.repeat(count))).split('\n').filter((id) => id !== '');
    assert.equal(sold.length, count);
    ids.push(...sold);
    return sold;
  };

  // What each protocol adds to the way without a proxy, for some events: [says, fast enough].
  const probe = async () => {
    const direct = await Stopwatch.plain(node.url);
    const proxied = {
      'HTTP/2': await Stopwatch.http2(proxy.url),
      'HTTP/1.1': await Stopwatch.http1(proxy.url),
    };
    if (plain) proxied['plain HTTP'] = await Stopwatch.plain(`http://127.0.0.1:${proxy.plainPort}`);
    const probes = await sell(PROBES, PROBE_PAUSE_S);
    await direct.arrived(probes);
    for (const watch of Object.values(proxied)) await watch.arrived(probes);
    for (const watch of [direct, ...Object.values(proxied)]) watch.close();

    const without = sorted(probes.map((id) => direct.arrivals.get(id).afterMs));
    return Object.entries(proxied).map(([protocol, watch]) => {
      const added = sorted(
          probes.map((id) => watch.arrivals.get(id).nowMs - direct.arrivals.get(id).nowMs));
      return [
        `${name}, ${protocol}: adds ${figures(added)} to ${figures(without)}`,
        at(added, 0.5) <= Math.max(ADDED_MS, at(without, 0.5))
      ];
    });
  };

  test(`${name}: ${CROWD} streams share a connection, and each event goes through at once`,
       async () => {
         assert.equal(await crowd.protocol(), 'h2');
         const said = [];
         let fast = false;
         for (let round = 0; round < ROUNDS && !fast; ++round) {
           const measured = await probe();
           fast = measured.every(([, enough]) => enough);
           said.push(...measured.map(([says]) => says));
         }
         console.log(said.join('\n'));
         await crowd.toldExactly(ids);
         assert.ok(fast, said.join('; '));
       });

  test(`${name}: the client's address is the one that the proxy has seen`, async () => {
    const answer = await get(proxy, {
      ':path': `${STREAM}?last_event_id=earliest&until=now`,
      'accept': 'text/event-stream',
      'user-agent': 'forger',
      'x-forwarded-for': '203.0.113.9'
    }, {localAddress: '127.0.0.2'});
    assert.equal(answer.status, 200);
    const line = await eventually(
        () => node.log.split('\n').find((line) => line.includes('"forger"')), () => node.log);
    assert.equal(JSON.parse(line).address, '127.0.0.2');
  });

  test(`${name}: the node crashes and comes back: all resume, and none has seen a 502`, async () => {
    const {port} = node;
    const opens = await crowd.opens();
    await node.kill();
    await sell(20);
    const told = await get(proxy, {':path': STREAM, 'accept': 'text/event-stream'});
    assert.equal(told.status, 200);
    assert.equal(told.type, 'text/event-stream');
    assert.match(told.body, /^retry: \d{4}\n\n$/);
    const others = await get(proxy, {':path': STREAM, 'accept': 'application/x-ndjson'});
    assert.ok(others.status >= 502, `${others.status} for who is no EventSource`);
    // By then each has met a proxy without a node.
    await crowd.reopened(opens);
    assert.equal(await crowd.closed(), 0);

    // Nor one that takes its request and is gone before it answers.
    const dying = await DyingNode.start(port);
    await eventually(() => dying.asked > CROWD, () => dying.asked);
    await dying.stop();
    assert.equal(await crowd.closed(), 0);

    node = await shop.serve({port, options: NODE});
    await sell(5);
    await crowd.toldExactly(ids);
    assert.equal(await crowd.closed(), 0);
  });

  test(`${name}: the node is restarted: all resume`, async () => {
    const {port} = node;
    const opens = await crowd.opens();
    await node.drain();
    await sell(5);
    node = await shop.serve({port, options: NODE});
    await sell(5);
    await crowd.reopened(opens);
    await crowd.toldExactly(ids);
    assert.equal(await crowd.closed(), 0);
  });

  test(`${name}: it is reloaded, with another certificate: nothing is lost`, async () => {
    const opens = await crowd.opens();
    await proxy.certificate.renew();
    await reload(proxy);
    await eventually(() => proxy.certificate.isShownAt(proxy.port));
    await sell(5);
    if (moves) await crowd.reopened(opens);
    await sell(5);
    await crowd.toldExactly(ids);
    assert.equal(await crowd.closed(), 0);
  });

  test(`${name}: the page is closed: the node has no stream any more`, async () => {
    const streams = async () => {
      const metrics = await (await fetch(`${node.url}/metrics`)).text();
      return Number(/^ordercast_streams_active\S* (\d+)$/m.exec(metrics)[1]);
    };
    // Those of before the reload may be noticed to have gone a moment later.
    await eventually(async () => await streams() === CROWD, streams);
    await crowd.close();
    await eventually(async () => await streams() === 0, streams);
  });
}

// An answer, through the proxy.
async function get(proxy, headers, options = {}) {
  const session =
      http2.connect(proxy.url, {family: 4, rejectUnauthorized: false, ...options});
  const stream = session.request(headers);
  const answer = {body: ''};
  stream.on('response', (head) => {
    answer.status = head[':status'];
    answer.type = head['content-type'];
  });
  stream.setEncoding('utf8');
  for await (const data of stream) answer.body += data;
  session.close();
  return answer;
}

function sorted(numbers) { return [...numbers].sort((a, b) => a - b); }

function at(numbers, quantile) { return numbers[Math.floor(quantile * (numbers.length - 1))]; }

function figures(numbers) {
  return `p50 ${at(numbers, 0.5).toFixed(1)} ms, p99 ${at(numbers, 0.99).toFixed(1)} ms`;
}
