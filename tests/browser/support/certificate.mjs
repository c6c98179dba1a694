// A certificate for localhost that nobody trusts, made by openssl.

import {execFile} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import tls from 'node:tls';
import {promisify} from 'node:util';

const run = promisify(execFile);

export class Certificate {
  #folder;

  static async create(folder) {
    const certificate = new Certificate();
    certificate.#folder = folder;
    await certificate.renew();
    return certificate;
  }

  get file() { return join(this.#folder, 'localhost.pem'); }

  get key() { return join(this.#folder, 'localhost.key'); }

  // Both in one file, as HAProxy wants them.
  get pair() { return join(this.#folder, 'localhost.pair.pem'); }

  // Another one takes its place, in the same files.
  async renew() {
    await run('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout',
      this.key, '-out', this.file
    ]);
    await writeFile(this.pair, await readFile(this.file, 'utf8') + await readFile(this.key, 'utf8'));
  }

  // Whether who connects to that port now is shown this one.
  async isShownAt(port) {
    const mine = await run('openssl', ['x509', '-in', this.file, '-outform', 'DER'],
                           {encoding: 'buffer'});
    return new Promise((resolve, reject) => {
      const options =
          {host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false};
      const socket = tls.connect(options, () => {
        resolve(socket.getPeerCertificate().raw.equals(mine.stdout));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }
}
