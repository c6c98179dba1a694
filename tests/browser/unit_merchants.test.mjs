import assert from 'node:assert/strict';
import {afterEach, test} from 'node:test';

import {Locale} from '../../web/board/locale.js';
import {Merchants} from '../../web/board/merchants.js';

const {fetch} = globalThis;

afterEach(() => globalThis.fetch = fetch);

// Merchants of a server that answers when answer() is called, with these names by their ids.
function start() {
  const questions = [];
  const server = {names: {}, asked: 0, drawn: 0};
  globalThis.fetch = () => new Promise((resolve) => {
    server.asked += 1;
    questions.push(resolve);
  });
  server.answer = async () => {
    assert.equal(questions.length, 1, 'one question is open');
    const rows = Object.entries(server.names).map(([id, name]) => ({row: {id, name}}));
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    questions.pop()({ok: true, text: async () => text});
    await new Promise(setImmediate);
  };
  const merchants = new Merchants(new Locale('en'), () => server.drawn += 1);
  return {server, merchants};
}

test('without a stream of merchants nothing is asked, however many there are', () => {
  const {server, merchants} = start();
  merchants.note(1);
  merchants.note(2);
  assert.equal(server.asked, 0);
  assert.equal(merchants.name(2), 'Merchant 2');
});

test('a merchant who was added later is asked for, and once', async () => {
  const {server, merchants} = start();
  server.names = {1: 'One'};
  merchants.note(1);
  merchants.load();
  await server.answer();
  merchants.note(1);
  assert.equal(server.asked, 1);
  server.names = {1: 'One', 2: 'Two'};
  merchants.note(2);
  await server.answer();
  merchants.note(2);
  assert.deepEqual([server.asked, server.drawn], [2, 2]);
  assert.equal(merchants.name(2), 'Two');
});

test('who comes during a question is asked for after it: there is one at a time', async () => {
  const {server, merchants} = start();
  merchants.load();
  for (let id = 1; id <= 100; ++id) merchants.note(id);
  assert.equal(server.asked, 1);
  await server.answer();
  server.names = {100: 'Hundred'};
  await server.answer();
  assert.equal(server.asked, 2);
  assert.equal(merchants.name(100), 'Hundred');
});

test('a merchant who is not in the answer is not asked for again', async () => {
  const {server, merchants} = start();
  merchants.load();
  await server.answer();
  merchants.note(9);
  await server.answer();
  for (let i = 0; i < 10; ++i) merchants.note(9);
  assert.equal(server.asked, 2);
  assert.equal(merchants.name(9), 'Merchant 9');
});

test('what the one before was told is not told to whoever signs in next', async () => {
  const {server, merchants} = start();
  server.names = {1: 'One'};
  merchants.load();
  merchants.forget();
  merchants.note(1);
  await server.answer();
  assert.equal(server.asked, 1);
  assert.deepEqual(merchants.list(), [{id: '1', name: 'Merchant 1'}]);
  merchants.load();
  await server.answer();
  assert.equal(merchants.name(1), 'One');
});
