// What the client library promises, in a real browser on a real Ordercast and PostgreSQL: the same
// in every browser.
import assert from 'node:assert/strict';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {insertOrder} from './support/board_page.mjs';
import {ClientTab} from './support/client_tab.mjs';
import {eventually} from './support/eventually.mjs';
import {FaultyProxy} from './support/faulty_proxy.mjs';
import {Ordercast} from './support/ordercast.mjs';

// Over HTTP/1.1 a browser opens six connections to a host, and the seventh request waits for ever.
const TABS = 8;
// Where a dead stream is to be found out: short, so that the test need not wait for long; long enough
// that a busy machine is not taken for one.
const HEARTBEAT_MS = 3000;

// Registers the tests. `launch` starts the browser; `more` registers those of this browser only,
// with what answers with the test's {ordercast, context, openTab}.
export function testClientIn(launch, more) {
  let browser;
  let folder;
  let ordercast;
  let proxy;
  let context;

  const openTab = async (options) => {
    const tab = await ClientTab.open(context, proxy.url);
    await tab.collect(options);
    await tab.phase('live');
    return tab;
  };
  const openTabs = async (count, options) => {
    const tabs = [];
    while (tabs.length < count) tabs.push(await openTab(options));
    return tabs;
  };
  const oneStream = () => eventually(() => proxy.openStreams === 1, () => proxy.openStreams);
  const noStream = () => eventually(() => proxy.openStreams === 0, () => proxy.openStreams);
  const asked = (times) =>
      eventually(() => proxy.targets.length === times, () => proxy.targets);

  before(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'ordercast-client-'));
    // PostgreSQL does not run as root: its own user must get through.
    await chmod(folder, 0o755);
    ordercast = await Ordercast.start({dataDir: join(folder, 'data')});
  });

  after(async () => {
    await browser?.close();
    await ordercast?.stop();
    await rm(folder, {recursive: true, force: true});
  });

  beforeEach(async () => {
    proxy = await FaultyProxy.start(ordercast.url);
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context.close();
    await proxy.close();
  });

  test('the rows are those of the table, and follow it', async () => {
    const tab = await openTab();
    await tab.equalsTable(ordercast);
    const id = await insertOrder(ordercast);
    await ordercast.sql(`UPDATE orders SET status = 'paid' WHERE id = ${id};
        DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)`);
    await tab.equalsTable(ordercast);
    assert.deepEqual(await tab.resets(), ['first']);
  });

  test('on the board\'s page its Content-Security-Policy lets it work', async () => {
    const tab = await ClientTab.open(context, proxy.url);
    await tab.visit(proxy.url);
    await eventually(() => proxy.openStreams === 1);  // the board's own
    await tab.collect();
    await tab.equalsTable(ordercast);
  });

  test('8 tabs over HTTP/1.1 share one stream, and the last one takes it along', async () => {
    const tabs = await openTabs(TABS, {without: ['BroadcastChannel']});
    await oneStream();
    assert.equal(proxy.targets.length, 1);
    await insertOrder(ordercast);
    for (const tab of tabs) await tab.equalsTable(ordercast);
    assert.equal(await tabs.at(-1).run(async () => (await fetch('/livez')).status), 200);

    await tabs.shift().close();
    await insertOrder(ordercast);
    for (const tab of tabs) await tab.equalsTable(ordercast);
    assert.equal(proxy.targets.length, 1);
    for (const tab of tabs) await tab.close();
    await noStream();
  });

  test('without SharedWorker too; when the tab that has the stream goes, another opens one',
       async () => {
         const tabs = await openTabs(4, {without: ['SharedWorker']});
         await oneStream();
         assert.equal(proxy.targets.length, 1);
         await insertOrder(ordercast);
         for (const tab of tabs) await tab.equalsTable(ordercast);

         await tabs.shift().close();
         await asked(2);
         await insertOrder(ordercast);
         for (const tab of tabs) await tab.equalsTable(ordercast);
         await oneStream();

         // One that only closes its collection gives way as well.
         await tabs[0].run(() => orders.close());
         await asked(3);
         await insertOrder(ordercast);
         for (const tab of tabs.slice(1)) await tab.equalsTable(ordercast);
         await oneStream();
       });

  test('where there is neither, each tab has its own', async () => {
    const tabs = await openTabs(2, {share: false});
    await eventually(() => proxy.openStreams === 2);
    await insertOrder(ordercast);
    for (const tab of tabs) await tab.equalsTable(ordercast);
  });

  test('tabs of another person share nothing', async () => {
    await openTab({share: 'ann'});
    await openTab({share: 'bob'});
    await openTab({share: 'bob'});
    assert.equal(proxy.targets.length, 2);
  });

  test('502 from a proxy ends an EventSource for ever: the client resumes with its cursor',
       async () => {
         const tab = await openTab();
         proxy.refuse(502);
         await tab.phase('reconnecting');
         await insertOrder(ordercast);
         await proxy.refusals(3);
         proxy.relay();
         await tab.phase('live');
         await tab.equalsTable(ordercast);
         assert.deepEqual(await tab.resets(), ['first']);
         assert.match(proxy.targets.at(-1), /last_event_id=./);
         assert.ok(await tab.run(() => statuses.some(({problem}) => problem === 'HTTP 502')));
       });

  test('an idle stream stays open; one that died without a word is opened again', async () => {
    const node =
        await ordercast.serve({options: ['--heartbeat-ms', String(HEARTBEAT_MS)]});
    await proxy.close();
    proxy = await FaultyProxy.start(node.url);
    const tab = await openTab();
    const {pieces} = proxy;
    // Longer than a client waits that does not hear them.
    await eventually(() => proxy.pieces >= pieces + 3);
    assert.equal(proxy.targets.length, 1);
    proxy.freeze();
    const id = await insertOrder(ordercast);
    await tab.until((key) => orders.rows.has(key), `{"id":"${id}"}`);
    await tab.equalsTable(ordercast);
    assert.deepEqual(await tab.resets(), ['first']);
    assert.equal(proxy.targets.length, 2);
    await node.stop();
  });

  test('TRUNCATE, a late reset: the rows begin anew on the same connection', async () => {
    const tab = await openTab();
    const late = await openTab();
    await ordercast.sql('TRUNCATE orders');
    await insertOrder(ordercast);
    await tab.equalsTable(ordercast);
    await late.equalsTable(ordercast);
    assert.deepEqual(await tab.resets(), ['first', 'truncate']);
    assert.deepEqual(await late.resets(), ['first', 'truncate']);
    assert.equal(proxy.targets.length, 1);
  });

  test('a reload begins with the table; a feed goes on where it was, and loses nothing',
       async () => {
         const tab = await openTab();
         await tab.run(() => orders.close());
         await tab.feed();
         await tab.phase('live');
         const ids = [await insertOrder(ordercast)];
         await tab.until(() => localStorage.heard?.includes('"'));
         const reloaded = tab.reload();
         for (let i = 0; i < 5; ++i) ids.push(await insertOrder(ordercast));
         await reloaded;
         ids.push(await insertOrder(ordercast));
         await tab.feed();
         ids.push(await insertOrder(ordercast));
         const heard = JSON.stringify(ids);
         await tab.until((heard) => localStorage.heard === heard, heard)
             .catch(async () => assert.equal(await tab.run(() => localStorage.heard), heard));
         await tab.collect();
         await tab.equalsTable(ordercast);
       });

  test('who is signed out is asked to sign in, once for all tabs, and resumed', async () => {
    const tabs = await openTabs(3, {renews: true});
    proxy.refuse(401);
    await eventually(() => proxy.signIns === 1);
    await insertOrder(ordercast);
    for (const tab of tabs) {
      await tab.phase('live');
      await tab.equalsTable(ordercast);
      assert.deepEqual(await tab.resets(), ['first']);
    }
    assert.equal(proxy.signIns, 1);
  });

  test('where nobody can, it says so, and goes on when told to', async () => {
    const tabs = await openTabs(2);
    proxy.refuse(401);
    for (const tab of tabs) await tab.phase('signed-out');
    proxy.relay();
    await insertOrder(ordercast);
    await tabs[0].run(() => orders.reconnect());
    for (const tab of tabs) await tab.equalsTable(ordercast);
    // Of all rows: whoever signed in may be another person.
    assert.doesNotMatch(proxy.targets.at(-1), /last_event_id/);
  });

  more(() => ({ordercast, context, openTab}));

  // The last one: the server is another one afterwards.
  test('the server is killed and comes back: everything is caught up with', async () => {
    const tab = await ClientTab.open(context, ordercast.url);
    await tab.collect();
    await tab.equalsTable(ordercast);
    const {port} = ordercast;
    await ordercast.kill();
    await tab.phase('reconnecting');
    ordercast = await Ordercast.start({dataDir: join(folder, 'data'), port});
    await insertOrder(ordercast);
    await ordercast.sql(`UPDATE orders SET note = 'late'`);
    await tab.phase('live');
    await tab.equalsTable(ordercast);
    assert.deepEqual(await tab.resets(), ['first']);
  });
}
