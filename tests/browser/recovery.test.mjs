// What happens between the board and the server: crashes, refusals, a lost network. Nothing is
// lost, and it shows.
import assert from 'node:assert/strict';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {FaultyProxy} from './support/faulty_proxy.mjs';
import {Ordercast} from './support/ordercast.mjs';

// What Chromium says on the console about requests that the test made fail.
const FAILED_REQUEST = /net::ERR_|502 \(Bad Gateway\)/;

// A user is promised 3 s and 5 s, on a machine that is not busy elsewhere. A page that overlooks the
// end of its connection waits 37 s for a heartbeat, one that does not connect again of itself 30 s.
const NOTICED_MS = 15_000;
const LIVE_MS = 20_000;

let browser;
let folder;
let ordercast;

before(async () => browser = await launchChromium());

after(() => browser?.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ordercast-board-'));
  // PostgreSQL does not run as root: its own user must get through.
  await chmod(folder, 0o755);
  ordercast = await Ordercast.start({dataDir: join(folder, 'data')});
});

afterEach(async () => {
  await ordercast.stop();
  await rm(folder, {recursive: true, force: true});
});

test('the server is killed and comes back: the board says so, and catches up', async (t) => {
  const board = await BoardPage.open(browser, ordercast.url);
  await board.equalsTable(ordercast);
  const {port} = ordercast;
  const killedMs = Date.now();
  await ordercast.kill();
  await board.phase('reconnecting');
  const noticedMs = Date.now() - killedMs;
  assert.match(await board.page.locator('#pill').textContent(), /Reconnecting.*as of \d\d:\d\d/s);
  assert.match(await board.page.getByRole('alert').textContent(), /Connection lost/);
  assert.ok((await board.lines()).length > 0);

  ordercast = await Ordercast.start({dataDir: join(folder, 'data'), port});
  const backMs = Date.now();
  const id = await insertOrder(ordercast);
  await ordercast.sql(`UPDATE orders SET status = 'cancelled' WHERE status = 'shipped'`);
  await board.phase('live');
  const liveMs = Date.now() - backMs;
  await board.row(id).waitFor();
  await board.equalsTable(ordercast);
  assert.equal(await board.page.getByRole('alert').textContent(), '');
  t.diagnostic(`noticed after ${noticedMs} ms, live after ${liveMs} ms`);
  assert.ok(noticedMs <= NOTICED_MS, `noticed after ${noticedMs} ms`);
  assert.ok(liveMs <= LIVE_MS, `live after ${liveMs} ms`);
  await board.close({expected: FAILED_REQUEST});
});

test(
    'a proxy answers 502, which ends an EventSource for ever: the board resumes with its cursor',
    async () => {
      const proxy = await FaultyProxy.start(ordercast.url);
      const board = await BoardPage.open(browser, proxy.url);
      const before = await insertOrder(ordercast);
      await board.row(before).waitFor();

      proxy.refuse(502);
      await board.phase('reconnecting');
      const id = await insertOrder(ordercast);
      await ordercast.sql(`DELETE FROM orders WHERE id = ${before}`);
      await proxy.refusals(2);
      proxy.relay();
      await board.phase('live');
      await board.equalsTable(ordercast);
      assert.equal(await board.row(id).count(), 1);
      assert.match(proxy.targets.at(-1), /last_event_id=./);
      await board.close({expected: FAILED_REQUEST});
      await proxy.close();
    });

test('opened while the server cannot be reached, the board says so and begins later', async () => {
  const proxy = await FaultyProxy.start(ordercast.url);
  proxy.refuse(502);
  const board = await BoardPage.create(browser);
  await board.page.goto(proxy.url);
  await board.page.getByRole('heading', {name: 'The stream cannot be reached'}).waitFor();
  // While it still refuses: after that the client comes through by itself, and takes the button away.
  await board.page.getByRole('button', {name: 'Try now'}).click();
  proxy.relay();
  await board.phase('live');
  await board.equalsTable(ordercast);
  await board.close({expected: FAILED_REQUEST});
  await proxy.close();
});

test('the network goes and comes back', async () => {
  const board = await BoardPage.create(browser);
  await board.withoutWorker();
  await board.page.goto(ordercast.url);
  await board.phase('live');
  await board.page.context().setOffline(true);
  await board.phase('offline');
  const id = await insertOrder(ordercast);
  await board.page.context().setOffline(false);
  await board.phase('live');
  await board.row(id).waitFor();
  await board.equalsTable(ordercast);
  await board.close({expected: FAILED_REQUEST});
});
