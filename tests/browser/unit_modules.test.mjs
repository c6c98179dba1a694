// How the board's modules reach the browser: each is named in the page, so that all are asked for
// at once, and not one after another as each is read and found to import the next.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {test} from 'node:test';

import ts from 'typescript';

const WEB = new URL('../../web/', import.meta.url);
const MAIN = 'board/main.js';

// The paths in web/ of what a module imports, and of what those do.
async function importedBy(path, found = new Set()) {
  const source = await readFile(new URL(path, WEB), 'utf8');
  for (const {fileName} of ts.preProcessFile(source).importedFiles) {
    const imported = new URL(fileName, new URL(path, WEB)).href.slice(WEB.href.length);
    if (found.has(imported)) continue;
    found.add(imported);
    await importedBy(imported, found);
  }
  return found;
}

test('the page preloads the modules that it needs, and no others', async () => {
  const page = await readFile(new URL('index.html', WEB), 'utf8');
  const named = [...page.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, path]) => path);
  const needed = await importedBy(MAIN);
  assert.ok(needed.size > 20, `${needed.size} modules found`);
  assert.deepEqual(named.sort(), [...needed].sort());
});
