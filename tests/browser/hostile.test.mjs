// Rows are hostile input: whatever text an order holds is shown as text, and whatever number
// without loss.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';
import {Ordercast} from './support/ordercast.mjs';

const PAYLOADS = [
  '<script>window.owned = true</script>',
  '<img src=x onerror="window.owned = true">',
  '<svg onload="window.owned = true"><use href="#x"/></svg>',
  '<iframe srcdoc="<script>parent.owned = true</script>"></iframe>',
  '"><a href="javascript:owned = true">click</a>',
  '</td></tr></tbody></table><form action="//evil.example"><button>go</button></form>',
  '\'-alert(1)-\'',
  '{{constructor.constructor("owned = true")()}}',
  '${alert(1)}',
  '<style>body { display: none }</style>',
  'data: {"op":"delete"}\n\nevent: reset\ndata: {}\n\n',
  '\u202Egnp.exe',
];

let browser;
let ordercast;
let board;

before(async () => {
  browser = await launchChromium();
  ordercast = await Ordercast.start({orders: 1});
  // A shop with fewer rules than the demo's.
  await ordercast.sql(`ALTER TABLE orders DROP CONSTRAINT orders_status_check,
      DROP CONSTRAINT orders_currency_check, ALTER COLUMN total TYPE numeric`);
});

after(async () => {
  await browser?.close();
  await ordercast?.stop();
});

beforeEach(async () => board = await BoardPage.open(browser, ordercast.url));

afterEach(() => board.close());

test('markup in any field of an order stays text, live and in the snapshot', async () => {
  const ids = [];
  for (const payload of PAYLOADS) {
    ids.push(await insertOrder(ordercast, {
      customer_name: payload,
      note: payload,
      status: payload,
      currency: payload,
      order_number: payload,
      items: JSON.stringify([{sku: payload, name: payload, qty: payload}]),
    }));
  }
  const inert = async () => {
    for (const [i, payload] of PAYLOADS.entries()) {
      await board.says(ids[i], {
        customer: payload,
        note: payload,
        status: payload,
        number: payload,
        items: `${payload} × ${payload}`,
        amount: `10.00 ${payload}`,
      });
    }
    assert.equal(
        await board.page
            .locator('.lanes :is(script, img, iframe, a, form, style, [onload], [onerror])')
            .count(),
        0);
    assert.equal(await board.page.evaluate(() => window.owned), undefined);
    assert.equal(await board.page.locator('#board').isVisible(), true);
  };
  await inert();
  await board.page.reload();
  await board.phase('live');
  await inert();
});

test('a hostile status cannot choose the picture, and counts as other', async () => {
  const id = await insertOrder(ordercast, {status: '../evil.svg#x'});
  await board.says(id, {status: '../evil.svg#x'});
  await board.isIn(id, 'other');
  assert.equal(
      await board.page.locator('[data-lane=other] .lane-head use').getAttribute('href'),
      '#icon-other');
});

test('ids beyond a double stay apart and whole', async () => {
  const ids = ['9007199254740992', '9007199254740993', '9223372036854775807'];
  for (const id of ids) await insertOrder(ordercast, {id, order_number: `No. ${id}`});
  for (const id of ids) await board.says(id, {number: `No. ${id}`});
  await ordercast.sql(`DELETE FROM orders WHERE id = 9007199254740993`);
  await board.row('9007199254740993').waitFor({state: 'detached'});
  assert.equal(await board.row('9007199254740992').count(), 1);
});

test('amounts beyond a double are shown to the last digit', async () => {
  const amounts = [
    ['0.1234567890123456789', '€0.1234567890123456789'],
    ['9007199254740993.07', '€9,007,199,254,740,993.07'],
    ['100000000000000000000000', '€100,000,000,000,000,000,000,000.00']
  ];
  for (const [total, shown] of amounts) {
    await board.says(await insertOrder(ordercast, {total}), {amount: shown});
  }
});

test('very long texts do not break the page', async () => {
  const id = await insertOrder(
      ordercast,
      {customer_name: 'x'.repeat(50_000), note: '行'.repeat(50_000), status: 'y'.repeat(5000)});
  await board.row(id).waitFor();
  const {scroll, width} = await board.page.evaluate(
      () => ({scroll: document.documentElement.scrollWidth, width: innerWidth}));
  assert.ok(scroll <= width, `${scroll} > ${width}`);
  assert.ok((await board.row(id).textContent()).length < 5000);
});
