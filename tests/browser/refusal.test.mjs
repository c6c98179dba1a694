// docs/protocol.md, "Errors": an EventSource that would only be refused again stops for good, and a
// page can read why; one for which there is no room now comes back by itself. In both engines, for
// no specification is as good as what they do.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {launchChromium} from './support/chromium.mjs';
import {launchFirefox} from './support/firefox.mjs';
import {Ordercast} from './support/ordercast.mjs';
import {TokenKey} from './support/token_key.mjs';

let key;
let ordercast;

before(async () => {
  key = await TokenKey.create();
  ordercast =
      await Ordercast.start({orders: 3, access: ['--jwt-key', key.file, '--max-streams', '1']});
});

after(async () => {
  await ordercast?.stop();
  await key?.remove();
});

// Run in the page. What an EventSource was told before its first error, and what it does then.
const outcomeOf = (path) => new Promise((resolve) => {
  const source = new EventSource(path);
  let refused = null;
  source.addEventListener('status', ({data}) => refused = JSON.parse(data).refused);
  source.onerror = () => {
    const state = source.readyState === EventSource.CLOSED ? 'stopped' : 'comes back';
    source.close();
    resolve({state, refused});
  };
});

// Run in the page. The status and the code with which the same is refused.
const reasonOf = (path) => fetch(path).then(
    async (response) => ({status: response.status, code: (await response.json()).code}));

// Run in the page: a stream that stays.
const occupy = (path) => new Promise((resolve) => {
  globalThis.occupied = new EventSource(path);
  globalThis.occupied.addEventListener('hello', () => resolve());
});

function testRefusalsIn(name, launch) {
  describe(name, () => {
    let browser;
    let context;

    before(async () => {
      browser = await launch();
      context = await browser.newContext();
    });

    after(() => browser?.close());

    async function visit() {
      const page = await context.newPage();
      await page.goto(`${ordercast.url}/livez`);
      return page;
    }

    async function signIn(page, ...claims) {
      const headers = {Authorization: `Bearer ${await key.mint(...claims)}`};
      const begin = (options) => fetch('/v1/session', options).then(({status}) => status);
      assert.equal(await page.evaluate(begin, {method: 'POST', headers}), 204);
    }

    async function stops(page, path, status, code) {
      let asked = 0;
      page.on('request', (request) => asked += request.url().endsWith(path) ? 1 : 0);
      const {state, refused} = await page.evaluate(outcomeOf, path);
      assert.deepEqual(
          {path, state, refused, asked}, {path, state: 'stopped', refused: null, asked: 1});
      assert.deepEqual(await page.evaluate(reasonOf, path), {status, code}, path);
    }

    test('what would be refused again stops, and a page can read why', async () => {
      const page = await visit();
      await stops(page, '/v1/streams/orders?x=session', 401, 'token_needed');
      await signIn(page, '--all-tenants', '--stream', 'merchants');
      await stops(page, '/v1/streams/orders', 403, 'not_granted');
      await signIn(page, '--all-tenants');
      await stops(page, '/v1/streams/unheard-of', 404, 'unknown_stream');
      await stops(page, '/v1/streams/orders?status=paid', 400, 'bad_parameter');
      await page.close();
    });

    test('where there is no room now it comes back', async () => {
      const first = await visit();
      await signIn(first, '--all-tenants');
      await first.evaluate(occupy, '/v1/streams/orders');
      const second = await visit();
      assert.deepEqual(
          await second.evaluate(outcomeOf, '/v1/streams/orders'),
          {state: 'comes back', refused: 'too_many_streams'});
      await Promise.all([first.close(), second.close()]);
    });
  });
}

testRefusalsIn('Chromium', launchChromium);
testRefusalsIn('Firefox', launchFirefox);
