// A secret of the test's own, and tokens that are signed with it by `ordercast token mint`.

import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

import {findOrdercast} from './ordercast.mjs';

const run = promisify(execFile);

export class TokenKey {
  #folder;

  static async create() {
    const key = new TokenKey();
    key.#folder = await mkdtemp(join(tmpdir(), 'ordercast-key-'));
    // Nobody else may read it, or the server refuses it.
    await writeFile(key.file, randomBytes(48).toString('base64'), {mode: 0o600});
    return key;
  }

  // For --jwt-key.
  get file() { return join(this.#folder, 'secret'); }

  // `options`: as on the command line, --tenant and so on.
  async mint(...options) {
    const {stdout} = await run(findOrdercast(), ['token', 'mint', '--key', this.file, ...options]);
    return stdout.trim();
  }

  remove() { return rm(this.#folder, {recursive: true, force: true}); }
}
