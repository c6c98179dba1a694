// A real reverse proxy with the very file of deploy/, of which only what belongs to the machine is
// replaced: names, ports, certificates and nodes. Ended by its pid.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {Certificate} from './certificate.mjs';
import {eventually} from './eventually.mjs';

const DEPLOY = new URL('../../../deploy/', import.meta.url);

export class ReverseProxy {
  certificate;
  folder;
  #child;
  #log = '';

  // `file`: in deploy/. `replace`: what stands in it, by what it becomes. `beside`: more files, by
  // name. `command`: what runs it in the foreground. All three are given this proxy.
  static async start({file, replace, beside = () => ({}), command}) {
    const proxy = new ReverseProxy();
    proxy.folder = await mkdtemp(join(tmpdir(), 'ordercast-proxy-'));
    // nginx's workers are nobody.
    await chmod(proxy.folder, 0o755);
    proxy.certificate = await Certificate.create(proxy.folder);
    [proxy.port, proxy.plainPort] = await freePorts(2);
    const text = await readFile(new URL(file, DEPLOY), 'utf8');
    const files = {config: replaced(text, replace(proxy)), ...beside(proxy)};
    for (const [name, content] of Object.entries(files)) await writeFile(proxy.path(name), content);
    await proxy.#run(command(proxy));
    return proxy;
  }

  get url() { return `https://localhost:${this.port}`; }

  get pid() { return this.#child.pid; }

  // Of a file in its folder; `config` is the one from deploy/.
  path(name) { return join(this.folder, name); }

  async stop() {
    process.off('exit', this.#killAtExit);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, {recursive: true, force: true});
  }

  #killAtExit = () => this.#child.kill('SIGTERM');

  async #run([program, ...parameters]) {
    // Of their own they would write into the home folder.
    const env = {...process.env, XDG_DATA_HOME: this.folder, XDG_CONFIG_HOME: this.folder};
    this.#child = spawn(findProgram(program), parameters,
                        {cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe']});
    process.once('exit', this.#killAtExit);
    for (const pipe of [this.#child.stdout, this.#child.stderr])
      pipe.on('data', (data) => this.#log += data);
    await eventually(async () => {
      if (this.#child.exitCode !== null) throw new Error(`${program} ended:\n${this.#log}`);
      return this.certificate.isShownAt(this.port).catch(() => false);
    }, () => this.#log);
  }
}

// Debian keeps servers where only root's PATH leads.
export function findProgram(name) {
  for (const folder of [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin']) {
    if (existsSync(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  throw new Error(`${name} is missing: apt-get install ${name}`);
}

function replaced(text, pairs) {
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`there is no "${from}" to replace`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// These proxies know no port 0.
async function freePorts(count) {
  const servers = Array.from({length: count}, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
