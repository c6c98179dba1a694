// A shop of the test's own: `ordercast demo` without simulated trade, with its private PostgreSQL.
// Ended by its pid.

import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';

const run = promisify(execFile);
// Creating a cluster and seeding the shop takes a second or two, under load several times that.
const START_MS = 60_000;

// A test that is stopped from outside takes its servers with it, as one that ends.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// The program's path.
export function findOrdercast() {
  const binary = process.env.ORDERCAST_BINARY;
  if (!binary)
    throw new Error('ORDERCAST_BINARY is not set: give the path of the ordercast program');
  return binary;
}

export class Ordercast {
  #child;
  #log = '';

  // `orders`: how many to begin with. `dataDir`: keeps the shop over a restart. `port`: 0 is any.
  // `heartbeatMs`: how long a stream may be silent. `access`: options that say who may what.
  static async start(
      {orders = 25, dataDir = null, port = 0, heartbeatMs = 15_000, access = []} = {}) {
    const options = [
      'demo', '--rate', '0', '--orders', String(orders), '--listen', `127.0.0.1:${port}`,
      '--heartbeat-ms', String(heartbeatMs), ...access
    ];
    if (dataDir) options.push('--data-dir', dataDir);
    return Ordercast.#run(options);
  }

  // Another node on the shop's database, with `options` of `ordercast serve`.
  serve({port = 0, options = []} = {}) {
    return Ordercast.#run(
        ['serve', '--database', this.database, '--listen', `127.0.0.1:${port}`, ...options],
        this.database);
  }

  static async #run(options, database) {
    const ordercast =
        new Ordercast(spawn(findOrdercast(), options, {stdio: ['ignore', 'pipe', 'pipe']}));
    ordercast.database = database;
    await ordercast.#ready();
    return ordercast;
  }

  constructor(child) {
    this.#child = child;
    process.once('exit', this.#killAtExit);
    child.stderr.on('data', (data) => this.#log += data);
  }

  // What it has logged until now.
  get log() { return this.#log; }

  get port() { return Number(new URL(this.url).port); }

  // Takes the shop's database away: whoever is in is thrown out, and nobody is let in.
  async shutDatabase() {
    await this.sql(`ALTER DATABASE ordercast WITH ALLOW_CONNECTIONS false;
        SELECT FROM pg_stat_activity, pg_terminate_backend(pid) WHERE datname = 'ordercast'`, 'template1');
  }

  async openDatabase() {
    await this.sql('ALTER DATABASE ordercast WITH ALLOW_CONNECTIONS true', 'template1');
  }

  // Runs SQL with the real psql, in another database of the cluster where one is named; answers
  // with its output, a row a line.
  async sql(text, database = null) {
    const where = database ? `${this.database} dbname=${database}` : this.database;
    const running = run('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', where]);
    running.child.stdin.on('error', () => {});  // psql that ends early says itself why
    running.child.stdin.end(text);
    try {
      return (await running).stdout.trimEnd();
    } catch (error) {
      if (error.code === 'ENOENT')
        throw new Error('psql is missing: apt-get install postgresql-client');
      throw error;
    }
  }

  // As a crash or the kernel would.
  kill() { return this.#end('SIGKILL'); }

  stop() { return this.#end('SIGINT'); }

  // As a service manager does: its streams are sent away first.
  drain() { return this.#end('SIGTERM'); }

  #killAtExit = () => this.#child.kill('SIGKILL');

  async #end(signal) {
    process.off('exit', this.#killAtExit);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async #ready() {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), START_MS);
    for await (const line of createInterface({input: this.#child.stdout})) {
      if (line.startsWith('listening on ')) this.url = line.slice('listening on '.length);
      if (line.startsWith('database: ')) this.database = line.slice('database: '.length);
      if (this.url && this.database) break;
    }
    clearTimeout(timer);
    if (!this.url || !this.database) throw new Error(`ordercast did not start:\n${this.#log}`);
    this.#child.stdout.resume();
  }
}
