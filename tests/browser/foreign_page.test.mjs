// A page of another origin, in the browser of somebody who is signed in: it can neither read nor
// write with his cookie. In both engines, for it is the browser that the defence counts on.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {launchChromium} from './support/chromium.mjs';
import {launchFirefox} from './support/firefox.mjs';
import {Ordercast} from './support/ordercast.mjs';
import {Site} from './support/site.mjs';
import {TokenKey} from './support/token_key.mjs';

const ORDER = {
  merchant_id: 1,
  customer_name: 'Forged',
  currency: 'EUR',
  total: '1.00'
};

let key;
let unknown;
let named;
let ordercast;

before(async () => {
  [key, unknown, named] = await Promise.all([TokenKey.create(), Site.open(), Site.open()]);
  ordercast = await Ordercast.start({
    orders: 3,
    access: ['--jwt-key', key.file, '--cors-origin', named.origin('127.0.0.1')],
  });
});

after(async () => {
  await ordercast?.stop();
  await Promise.all([unknown?.close(), named?.close(), key?.remove()]);
});

// Run in the page. What becomes of an EventSource at that address.
const openStream = (url) => new Promise((resolve) => {
  const source = new EventSource(url, {withCredentials: true});
  const settle = (state) => {
    source.close();
    resolve(state);
  };
  source.onopen = () => settle('OPEN');
  source.onerror = () => settle(source.readyState === EventSource.CLOSED ? 'CLOSED' : 'retries');
});

// Run in the page. The status that it may read, or that it may read nothing.
const read = ({url, ...options}) =>
    fetch(url, {credentials: 'include', ...options}).then(({status}) => status, () => 'blocked');

// Run in the page. As a form does, without the page's leave to read the answer.
const send = ({url, body}) => fetch(
    url, {method: 'POST', mode: 'no-cors', credentials: 'include', body: JSON.stringify(body)});

// Run in the page.
const submitForm = ({url, body}) => {
  const form = document.createElement('form');
  Object.assign(form, {action: url, method: 'post', enctype: 'text/plain'});
  const field = document.createElement('input');
  field.name = JSON.stringify(body);
  form.append(field);
  document.body.append(form);
  form.submit();
};

function testForeignPagesIn(name, launch) {
  describe(name, () => {
    let browser;
    let context;

    before(async () => {
      browser = await launch();
      context = await browser.newContext();
      await signIn();
    });

    after(() => browser?.close());

    const stream = () => `${ordercast.url}/v1/streams/orders`;
    const desk = () => `${ordercast.url}/v1/orders`;

    async function visit(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    }

    // The cookie is there, and it may do all that the foreign pages are tried with.
    async function signIn() {
      const page = await visit(`${ordercast.url}/livez`);
      const headers = {Authorization: `Bearer ${await key.mint('--tenant', '1', '--write')}`};
      const session = {url: `${ordercast.url}/v1/session`, method: 'POST', headers};
      assert.equal(await page.evaluate(read, session), 204);
      assert.equal(await page.evaluate(openStream, stream()), 'OPEN');
      assert.equal(await page.evaluate(read, asJson(ORDER)), 201);
      await page.close();
    }

    const asJson = (body) => ({
      url: desk(),
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(body),
    });

    // The server's answer to what `action` posts, which the page itself may not read.
    async function answerTo(page, action) {
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.evaluate(action, {url: desk(), body: ORDER}),
      ]);
      return answer.status();
    }

    const orders = () => ordercast.sql('SELECT count(*) FROM orders');

    test('a page of another origin cannot read with the cookie of its visitor', async () => {
      for (const host of ['127.0.0.1', 'localhost']) {
        const page = await visit(unknown.origin(host));
        assert.equal(await page.evaluate(openStream, stream()), 'CLOSED', host);
        assert.equal(await page.evaluate(read, {url: stream()}), 'blocked', host);
        assert.equal(await page.evaluate(read, {url: desk()}), 'blocked', host);
        await page.close();
      }
    });

    test('nor can it write, by script or by form', async () => {
      const before = await orders();
      // Of the same site the cookie comes along, and the server refuses; of another it stays away.
      for (const [host, refusal] of [['127.0.0.1', 403], ['localhost', 401]]) {
        const page = await visit(unknown.origin(host));
        assert.equal(await page.evaluate(read, asJson(ORDER)), 'blocked', host);
        assert.equal(await answerTo(page, send), refusal, host);
        assert.equal(await answerTo(page, submitForm), refusal, host);
        await page.close();
      }
      assert.equal(await orders(), before);
    });

    test('a page of a named origin may read, and not write', async () => {
      const before = await orders();
      const page = await visit(named.origin('127.0.0.1'));
      assert.equal(await page.evaluate(openStream, stream()), 'OPEN');
      assert.equal(await page.evaluate(read, {url: desk()}), 200);
      assert.equal(await page.evaluate(read, asJson(ORDER)), 403);
      assert.equal(await answerTo(page, send), 403);
      assert.equal(await orders(), before);
      await page.close();
    });

    test('a name is letter for letter: the same port of another host is not it', async () => {
      const page = await visit(named.origin('localhost'));
      assert.equal(await page.evaluate(openStream, stream()), 'CLOSED');
      assert.equal(await page.evaluate(read, {url: stream()}), 'blocked');
      await page.close();
    });
  });
}

testForeignPagesIn('Chromium', launchChromium);
testForeignPagesIn('Firefox', launchFirefox);
