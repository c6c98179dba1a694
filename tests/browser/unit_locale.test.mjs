import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {test} from 'node:test';

import {chooseLanguage, Locale} from '../../web/board/locale.js';
import en from '../../web/board/strings_en.js';
import zh from '../../web/board/strings_zh.js';

test('both languages say the same things, with the same values in them', () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  const values = (text) => [...new Set(text.match(/\{(?!n\|)\w+/g) ?? [])].sort();
  for (const key of Object.keys(en)) assert.deepEqual(values(zh[key]), values(en[key]), key);
});

test('every text that the page asks for is there', async () => {
  const page = await readFile(new URL('../../web/index.html', import.meta.url), 'utf8');
  const asked = [...page.matchAll(/data-t(?:-label|-hint)?="([^"]+)"/g)].map(([, key]) => key);
  assert.ok(asked.length > 30);
  assert.deepEqual(asked.filter((key) => !(key in en)), []);
});

test('values are filled in as text, and not looked at again', () => {
  const locale = new Locale('en');
  assert.equal(locale.t('card.merchant', {id: '{id} $&'}), 'Merchant {id} $&');
});

test('English has a plural, and Chinese needs none', () => {
  const locale = new Locale('en');
  assert.equal(locale.counted('summary', 1), '1 order');
  assert.equal(locale.counted('summary', 1234), '1,234 orders');
  locale.use('zh');
  assert.equal(locale.counted('summary', 1234), '1,234 个订单');
});

test('the first language that the board knows is taken, else English', () => {
  assert.equal(chooseLanguage([null, 'fr-FR', 'zh-TW', 'en']), 'zh');
  assert.equal(chooseLanguage(['constructor', 'fr']), 'en');
});
