// What the client library promises as a package: its size, its types, its files.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

import {minify} from 'terser';
import ts from 'typescript';

import * as library from '../../web/ordercast.js';

import {FakeBrowser} from './support/fake_browser.mjs';

const MAX_BYTES = 6000;

const run = promisify(execFile);
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

test('minified it has at most 6 kB, and needs no other module', async () => {
  const source = await readFile(path('../../web/ordercast.js'), 'utf8');
  const {code} = await minify(source, {module: true, compress: {passes: 3}});
  assert.ok(code.length <= MAX_BYTES, `${code.length} bytes`);
  assert.doesNotMatch(source, /^import |\bimport\(|\brequire\(/m);
});

// What TypeScript has against a program.
function problemsOf(file) {
  const program = ts.createProgram([file], {
    strict: true,
    skipDefaultLibCheck: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: [],
  });
  return ts.getPreEmitDiagnostics(program).map(
      ({messageText}) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('pages in TypeScript compile with its types, and such that use it wrongly do not', () => {
  assert.deepEqual(problemsOf(path('client_usage.ts')), []);
});

test('its types declare what it has, and nothing else', async () => {
  const types = await readFile(path('../../web/ordercast.d.ts'), 'utf8');
  const {statements} = ts.createSourceFile('ordercast.d.ts', types, ts.ScriptTarget.ES2022);
  const values =
      statements.filter((each) => ts.isClassDeclaration(each) || ts.isFunctionDeclaration(each));
  assert.deepEqual(values.map(({name}) => name.text).sort(), Object.keys(library).sort());

  const browser = new FakeBrowser();
  browser.install();
  try {
    for (const {name, members} of values.filter(ts.isClassDeclaration)) {
      const instance = new library[name.text]('v1/streams/orders', {}, {share: false});
      instance.close();
      const declared = members.filter((member) => member.name).map((member) => member.name.text);
      assert.deepEqual(declared.sort(), Object.keys(instance).sort(), name.text);
    }
  } finally {
    browser.uninstall();
  }
});

test('the package is the module, its types, and no copy of them', async () => {
  const {stdout} =
      await run('npm', ['pack', '--dry-run', '--json', '--offline', path('../../web')]);
  const [{files}] = JSON.parse(stdout);
  assert.deepEqual(
      files.map((file) => file.path).sort(), ['ordercast.d.ts', 'ordercast.js', 'package.json']);
});

test('packed and installed, it is imported by its name, on a server too, with its types', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ordercast-package-'));
  try {
    const {stdout} = await run(
        'npm', ['pack', '--json', '--offline', '--pack-destination', folder, path('../../web')]);
    const [{filename}] = JSON.parse(stdout);
    await writeFile(join(folder, 'package.json'), '{"name": "shop", "private": true, "type": "module"}');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], {cwd: folder});

    const imports = `import * as library from 'ordercast'; console.log(Object.keys(library).join());`;
    const imported = await run('node', ['--input-type=module', '-e', imports], {cwd: folder});
    assert.equal(imported.stdout, 'Collection,Feed,keyText\n');

    const usage = await readFile(path('client_usage.ts'), 'utf8');
    const page = join(folder, 'page.ts');
    await writeFile(page, usage.replace('../../web/ordercast.js', 'ordercast'));
    assert.deepEqual(problemsOf(page), []);
  } finally {
    await rm(folder, {recursive: true});
  }
});

test('it has the version of the server', async () => {
  const {version} = JSON.parse(await readFile(path('../../web/package.json'), 'utf8'));
  const cmake = await readFile(path('../../CMakeLists.txt'), 'utf8');
  assert.equal(version, /project\(ordercast VERSION (\S+)/.exec(cmake)[1]);
});
