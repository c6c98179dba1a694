// deploy/caddy/Caddyfile in a real Caddy.

import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

import {behindProxy} from './proxy_scenarios.mjs';
import {findProgram} from './support/reverse_proxy.mjs';

behindProxy({
  name: 'Caddy',
  describe: (node) => ({
    file: 'caddy/Caddyfile',
    replace: (proxy) => [
      // An administration of its own, and no certificate authority.
      ['\norders.example.com {', `
{
  admin unix/${proxy.path('admin')}
  http_port ${proxy.plainPort}
}
https://localhost:${proxy.port} {
  bind 127.0.0.1`],
      ['# tls /etc/caddy/orders.example.com.pem /etc/caddy/orders.example.com.key',
       `tls ${proxy.certificate.file} ${proxy.certificate.key}`],
      ['127.0.0.1:8080', `127.0.0.1:${node.port}`],
    ],
    command: (proxy) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', proxy.path('config')],
  }),
  reload: (proxy) => promisify(execFile)(findProgram('caddy'), [
    'reload', '--force', '--adapter', 'caddyfile', '--config', proxy.path('config'), '--address',
    `unix/${proxy.path('admin')}`
  ]),
  // Streams stay where they are: Caddy serves them by the old configuration until they end.
  moves: false,
});
